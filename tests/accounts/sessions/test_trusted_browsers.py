"""Trusting a browser for 30 days: what it saves, how it ends, and that nobody else profits."""

import datetime as dt

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from accounts.models import TrustedBrowser
from tests.support.factors import enter_password, forget_used_codes, sign_in_with_app, with_app
from tests.support.pages import freshly_signed_in, words
from tests.world import PASSWORD, World

pytestmark = pytest.mark.django_db
NEW = "a new and rather long password"


@pytest.fixture
def trusted(world: World) -> Client:
    """A browser that the member trusts, signed out."""
    forget_used_codes()
    secret, _ = with_app(world.member)
    client = Client()
    assert sign_in_with_app(client, world.member, secret, trust="on").status_code == 302
    client.post(reverse("account_logout"))
    return client


def needs_code(client: Client, world: World, password: str = PASSWORD) -> bool:
    form = {"login": world.member.email, "password": password}
    answer = client.post(reverse("account_login"), form)
    return bool(answer["Location"] == reverse("second_factor"))


def test_it_is_not_asked_again_there_and_still_elsewhere(world: World, trusted: Client) -> None:
    assert not needs_code(trusted, world)
    assert "with a password in a trusted browser" in words(trusted.get(reverse("sessions")))
    assert needs_code(Client(), world)


def test_the_cookie_is_of_no_use_to_another_account(world: World, trusted: Client) -> None:
    with_app(world.admin)
    answer = enter_password(trusted, world.admin)
    assert answer["Location"] == reverse("second_factor")


def test_only_its_digest_is_stored_and_a_made_up_token_is_refused(
    world: World, trusted: Client
) -> None:
    row = TrustedBrowser.objects.get()
    token = trusted.cookies["trusted"].value
    assert row.mac != token
    other = Client()
    other.cookies["trusted"] = row.mac
    assert needs_code(other, world)


def test_it_ends_after_thirty_days(world: World, trusted: Client) -> None:
    now = timezone.now()
    TrustedBrowser.objects.update(
        created_at=now - dt.timedelta(days=30, seconds=1), expires_at=now - dt.timedelta(seconds=1)
    )
    assert needs_code(trusted, world)


def test_it_ends_when_it_is_revoked(world: World, trusted: Client) -> None:
    reference = TrustedBrowser.objects.get().public_id
    owner = freshly_signed_in(world.member)
    stranger = freshly_signed_in(world.stranger)
    path = reverse("trusted_browser_stop", args=[reference])
    assert stranger.post(path).status_code == 404
    assert owner.post(path).status_code == 302
    assert needs_code(trusted, world)


def test_it_ends_with_a_new_password(world: World, trusted: Client) -> None:
    form = {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW}
    freshly_signed_in(world.member).post(reverse("account_change_password"), form)
    world.member.refresh_from_db()
    assert needs_code(trusted, world, NEW)


def test_it_survives_a_change_of_the_pepper(
    world: World, trusted: Client, settings: Settings
) -> None:
    settings.PEPPER_PREVIOUS = [settings.PEPPER]
    settings.PEPPER = "another pepper " * 3
    assert not needs_code(trusted, world)
