"""Hosts are exact, and links in mails point at the configured one whatever the request said."""

import re

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse

from accounts.models.invitation import Link
from console.environment import list_allowed_hosts
from tests.support.mail import mailed_to
from tests.world import build_world

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _exact_hosts(settings: "pytest.FixtureRequest") -> None:
    settings.ALLOWED_HOSTS = ["127.0.0.1"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "host",
    [
        "evil.example",
        "127.0.0.1.evil.example",
        "localhost",
        "127.0.0.2",
        "",
        "127.0.0.1@evil.example",
        "evil.example:8000",
        "[::1",
        "a" * 5000,
    ],
)
def test_another_host_is_a_bad_request(client: Client, host: str) -> None:
    for path in ("/accounts/login/", "/", "/v1/anything", "/accounts/password/reset/"):
        response = client.get(path, headers={"Host": host})
        assert response.status_code == 400, path
        assert host == "" or host not in response.content.decode()


def test_our_own_host_is_served(client: Client) -> None:
    assert client.get("/accounts/login/", headers={"Host": "127.0.0.1:8000"}).status_code == 200


def test_a_forwarded_host_counts_for_nothing(client: Client) -> None:
    headers = {"Host": "127.0.0.1:8000", "X-Forwarded-Host": "evil.example"}
    build_world()
    client.post(
        reverse("account_reset_password"), {"email": "owner@northwind.example"}, headers=headers
    )
    (message,) = mailed_to("owner@northwind.example")
    assert "evil.example" not in str(message.message())
    assert f"{settings.BASE_URL}/accounts/password/reset/key/" in str(message.body)


@pytest.mark.parametrize("host", ["localhost:8000", "127.0.0.1:9999", "[::1]:8000"])
@pytest.mark.parametrize(
    ("page", "email", "leads_to"),
    [
        ("account_reset_password", "owner@northwind.example", "/accounts/password/reset/key/"),
        ("account_reset_password", "nobody@northwind.example", "/accounts/signup/"),
        ("account_signup", "owner@northwind.example", "/accounts/password/reset/"),
        ("account_signup", "somebody.new@elsewhere.example", None),
    ],
)
def test_mails_lead_to_the_configured_host_whatever_name_was_used(
    client: Client, host: str, page: str, email: str, leads_to: str | None
) -> None:
    settings.ALLOWED_HOSTS = list_allowed_hosts(settings.BASE_URL, demo=True)
    build_world()
    form = {"name": "Somebody", "email": email, "password1": "correct horse battery staple"}
    assert client.post(reverse(page), form, headers={"Host": host}).status_code == 302
    text = str(mailed_to(email)[0].body)
    assert host not in text
    links = re.findall(r"https?://\S+", text)
    expected = [f"{settings.BASE_URL}{leads_to}"] if leads_to else []
    assert [link[: len(start)] for link, start in zip(links, expected, strict=True)] == expected


def test_the_link_of_an_invitation_is_on_the_configured_host() -> None:
    invitation = build_world().invitation
    assert invitation.url(Link.MAILED).startswith(f"{settings.BASE_URL}/invitations/inv_")


def test_production_answers_to_the_host_of_its_address_alone() -> None:
    assert list_allowed_hosts("https://console.example.com", demo=False) == ["console.example.com"]
    assert list_allowed_hosts("https://console.example.com:8443", demo=True) == [
        "console.example.com"
    ]


def test_the_demo_answers_to_every_name_of_loopback() -> None:
    assert list_allowed_hosts("http://127.0.0.1:8000", demo=True) == [
        "127.0.0.1",
        "localhost",
        "[::1]",
    ]
    assert list_allowed_hosts("http://[::1]:8000", demo=False) == ["[::1]"]
