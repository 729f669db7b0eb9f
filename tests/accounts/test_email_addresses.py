"""Email addresses: one mailbox is one address, and what is stored is what is mailed to."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.apps import apps
from django.core.exceptions import ValidationError
from django.db import connection
from django.urls import reverse

from accounts.email_addresses import format_email, normalize_email
from accounts.forms import AddressFormField
from accounts.invitations.addresses import split_addresses
from accounts.models import Invitation, User
from tests.support.pages import signed_in
from tests.world import World, person

MIGRATION = import_module("accounts.migrations.0006_convert_email_domains")


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("zed@bücher.example", "zed@xn--bcher-kva.example"),
        ("zed@BÜCHER.example", "zed@xn--bcher-kva.example"),
        ("zed@bu\u0308cher.example", "zed@xn--bcher-kva.example"),
        ("zed@xn--bcher-kva.example", "zed@xn--bcher-kva.example"),
        ("zed@XN--BCHER-KVA.example", "zed@xn--bcher-kva.example"),
        ("ana@straße.example", "ana@xn--strae-oqa.example"),
        ("ana@strasse.example", "ana@strasse.example"),
        ("ana@日本語。example", "ana@xn--wgv71a119e.example"),
        ("Ana@Example.ORG", "ana@example.org"),
    ],
)
def test_each_mailbox_has_one_spelling(typed: str, stored: str) -> None:
    assert AddressFormField().clean(typed) == stored
    assert normalize_email(stored) == stored


@pytest.mark.parametrize(
    "typed",
    [
        "paste@example.com\u200b",
        "pa\u00adste@example.com",
        "pa\u3164ste@example.com",
        "paste@exam\u2060ple.com",
        "zed@xn--zzzzzzz-.example",
        "zed@☃☃\ufffd.example",
        "zed@-bücher.example",
        "zed@" + "a" * 250 + ".example",
    ],
)
def test_what_cannot_be_mailed_to_is_refused(typed: str) -> None:
    with pytest.raises(ValidationError):
        AddressFormField().clean(typed)


def test_a_domain_is_shown_in_its_own_letters() -> None:
    assert format_email("zed@xn--bcher-kva.example") == "zed@bücher.example"
    assert format_email("zed@example.com") == "zed@example.com"


def test_both_spellings_in_one_list_are_one_address() -> None:
    assert split_addresses("zed@bücher.example, zed@xn--bcher-kva.example") == [
        "zed@xn--bcher-kva.example"
    ]


@pytest.mark.django_db
def test_a_second_invitation_in_another_spelling_is_refused(world: World) -> None:
    address = reverse("member_invite", args=[world.organization.slug])
    owner = signed_in(world.owner)
    first, second = (
        owner.post(address, {"emails": email, "role": "member"})
        for email in ("zed@bücher.example", "zed@xn--bcher-kva.example")
    )
    assert (first.status_code, second.status_code) == (302, 422)
    assert Invitation.objects.filter(email="zed@xn--bcher-kva.example").count() == 1


@pytest.mark.django_db
def test_a_person_signs_in_with_either_spelling(world: World) -> None:
    user = person("zed@bücher.example")
    user.refresh_from_db()
    assert user.email == "zed@xn--bcher-kva.example"
    assert User.objects.get_by_natural_key("zed@Bücher.example") == user


@pytest.mark.django_db
def test_the_migration_converts_rows_and_reports_two_of_one_mailbox(
    world: World, capsys: pytest.CaptureFixture[str]
) -> None:
    old = {
        person("a@old.example").pk: "z@bücher.example",
        person("b@old.example").pk: "z@xn--bcher-kva.example",
        person("c@old.example").pk: "ö@ü.example",
    }
    with connection.cursor() as cursor:
        for pk, email in old.items():
            cursor.execute("UPDATE accounts_user SET email = %s WHERE id = %s", [email, pk])
    MIGRATION.convert(apps, SimpleNamespace(connection=connection))
    emails = [User.objects.values_list("email", flat=True).get(pk=pk) for pk in old]
    assert emails == ["z@bücher.example", "z@xn--bcher-kva.example", "ö@xn--tda.example"]
    assert "z@bücher.example and z@xn--bcher-kva.example are one mailbox" in capsys.readouterr().out
