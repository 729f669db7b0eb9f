"""/.well-known/security.txt: there if the operator has set a contact, in the form of RFC 9116."""

import datetime as dt

import environ
import pytest
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.utils import timezone
from pytest_django import Settings

from console.environment import read_security_contact

PATH = "/.well-known/security.txt"
YEAR = dt.timedelta(days=365)


def read(value: str) -> str:
    env = environ.Env()
    env.ENVIRON = {"SECURITY_CONTACT": value}
    return read_security_contact(env)


def test_it_has_the_contact_and_the_time_until_which_it_holds(settings: Settings) -> None:
    settings.SECURITY_CONTACT = "mailto:security@console.example"
    answer = Client().get(PATH)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/plain; charset=utf-8")
    fields = dict(line.split(": ", 1) for line in answer.content.decode().splitlines())
    assert fields["Contact"] == "mailto:security@console.example"
    assert fields["Canonical"] == f"http://127.0.0.1:8000{PATH}"
    expires = dt.datetime.fromisoformat(fields["Expires"])
    assert YEAR / 4 < expires - timezone.now() < YEAR


@pytest.mark.django_db
def test_without_a_contact_there_is_none(settings: Settings) -> None:
    settings.SECURITY_CONTACT = ""
    assert Client().get(PATH).status_code == 404


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        ("", ""),
        (" security@console.example ", "mailto:security@console.example"),
        ("mailto:security@console.example", "mailto:security@console.example"),
        ("https://console.example/security", "https://console.example/security"),
        ("tel:+49-30-1234", "tel:+49-30-1234"),
    ],
)
def test_a_contact_is_a_uri(given: str, expected: str) -> None:
    assert read(given) == expected


@pytest.mark.parametrize(
    "value", ["http://console.example", "security", "ftp://a@b", "a@b.example\nExpires: never"]
)
def test_anything_else_is_refused_at_the_start(value: str) -> None:
    with pytest.raises(ImproperlyConfigured, match="SECURITY_CONTACT"):
        read(value)
