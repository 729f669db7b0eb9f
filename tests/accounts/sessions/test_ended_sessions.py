"""Sessions that end while something runs in them, or that were there before sessions had rows."""

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actors import TRACKED, Actor
from accounts.factors.services import (
    add_authenticator_app,
    add_passkey,
    create_recovery_codes,
    remove_factor,
    remove_password,
    rename_factor,
)
from accounts.models import User, UserSession
from accounts.sessions.services import end_other_sessions, trust_browser
from accounts.support.services.staff_users import change_staff_role
from keys.enums import TokenScope
from keys.personal_tokens.services import create_personal_token
from tests.support.factors import enter_password, with_app
from tests.support.pages import freshly_signed_in, signed_in
from tests.world import World, staff_member

pytestmark = pytest.mark.django_db
MIGRATION = import_module("accounts.migrations.0018_track_sessions")


def is_in(client: Client) -> bool:
    return client.get(reverse("profile")).status_code == 200


def row_of(client: Client) -> UserSession:
    return UserSession.objects.get(session_key=client.session.session_key)


ACTS: dict[str, Callable[[Actor, Any], object]] = {
    "add an app": lambda actor, factor: add_authenticator_app(
        actor=actor, name="Phone", secret="A" * 32, code=""
    ),
    "add a passkey": lambda actor, factor: add_passkey(actor=actor, name="Laptop", credential={}),
    "rename a factor": lambda actor, factor: rename_factor(actor=actor, factor=factor, name="Mine"),
    "remove a factor": lambda actor, factor: remove_factor(actor=actor, factor=factor),
    "create recovery codes": lambda actor, factor: create_recovery_codes(actor=actor),
    "remove the password": lambda actor, factor: remove_password(actor=actor),
    "trust the browser": lambda actor, factor: trust_browser(actor=actor),
    "end other sessions": lambda actor, factor: end_other_sessions(actor=actor),
}


def end_row(actor: Actor) -> None:
    UserSession.objects.filter(pk=actor.session_pk).delete()


def change_password(actor: Actor) -> None:
    user = User.objects.get(pk=actor.person.pk)
    user.set_password("an entirely different long one")
    user.save(update_fields=["password"])


def deactivate(actor: Actor) -> None:
    User.objects.filter(pk=actor.person.pk).update(is_active=False)


@pytest.mark.parametrize("end", [end_row, change_password, deactivate])
@pytest.mark.parametrize("act", ACTS.values(), ids=ACTS)
def test_nothing_is_done_from_a_session_that_has_ended_meanwhile(
    world: World, act: Callable[[Actor, Any], object], end: Callable[[Actor], None]
) -> None:
    data = {"name": "Key", "public_id": "passkey_own"}
    factor = world.member.authenticator_set.create(type="webauthn", data=data)
    row = row_of(signed_in(world.member))
    actor = replace(Actor.of_user(world.member), session_pk=row.pk)
    end(actor)
    with pytest.raises(PermissionDenied):
        act(actor, factor)


def test_neither_is_a_token_created(world: World) -> None:
    row = row_of(signed_in(world.admin))
    actor = replace(Actor.of_user(world.admin), session_pk=row.pk)
    end_row(actor)
    with pytest.raises(PermissionDenied):
        create_personal_token(
            actor=actor,
            target=world.organization,
            name="Script",
            scope=TokenScope.READ,
            days=1,
        )


def test_a_page_says_403_and_the_next_one_signs_in_again(world: World) -> None:
    with_app(world.member)
    client = freshly_signed_in(world.member)
    UserSession.objects.all().delete()
    assert client.post(reverse("recovery_codes")).status_code == 403


def test_a_browser_is_not_trusted_without_a_second_factor(world: World) -> None:
    with pytest.raises(PermissionDenied):
        trust_browser(actor=Actor.of_user(world.member))


def from_before(user: User) -> Client:
    """A session of the version without rows."""
    client = signed_in(user)
    session = client.session
    del session[TRACKED]
    session.save()
    UserSession.objects.filter(session_key=session.session_key).delete()
    return client


def test_one_from_before_is_given_a_row_and_goes_on(world: World) -> None:
    old, anonymous, kept = from_before(world.member), Client(), signed_in(world.admin)
    anonymous.post(reverse("passkey_sign_in_options"))
    gone = from_before(world.stranger)
    User.objects.filter(pk=world.stranger.pk).update(is_active=False)
    MIGRATION.track_sessions(apps, None)
    MIGRATION.track_sessions(apps, None)
    assert is_in(old)
    assert is_in(kept)
    assert not is_in(gone)
    assert old.session[TRACKED][0] == row_of(old).pk
    assert row_of(old).method == "unknown"
    assert UserSession.objects.count() == 3


def test_a_session_of_nobody_is_not_given_a_row(world: World) -> None:
    """Its person was deleted, or it is damaged."""
    signed_in(world.member)
    Session.objects.update(session_data="damaged")
    UserSession.objects.all().delete()
    MIGRATION.track_sessions(apps, None)
    assert not UserSession.objects.exists()


@pytest.mark.parametrize("end", ["sessions", "factor"])
def test_one_from_before_ends_with_all_others(world: World, end: str) -> None:
    old, other, this = from_before(world.member), from_before(world.admin), signed_in(world.member)
    MIGRATION.track_sessions(apps, None)
    if end == "sessions":
        assert this.post(reverse("sessions_end_others")).status_code == 302
    else:
        with_app(world.member)
    assert not is_in(old)
    assert is_in(other)


def test_a_session_without_a_row_is_signed_out(world: World) -> None:
    assert not is_in(from_before(world.member))
    client = from_before(world.member)
    assert client.post(reverse("sessions_end_others")).status_code == 302
    assert client.session.is_empty()


def test_a_browser_of_someone_deactivated_signs_in_somebody_else(world: World) -> None:
    """Django flushes the session of the first person as the second one signs in."""
    client = Client()
    enter_password(client, world.member)
    User.objects.filter(pk=world.member.pk).update(is_active=False)
    assert enter_password(client, world.admin).status_code == 302
    assert is_in(client)
    assert row_of(client).user == world.admin


def test_staff_without_a_role_lose_their_sessions(world: World) -> None:
    colleague = staff_member("colleague@console.example")
    client = signed_in(colleague)
    change_staff_role(actor=Actor.of_user(world.staff), user=colleague, role=None)
    assert not colleague.sessions.exists()
    assert not Session.objects.filter(session_key=client.session.session_key).exists()


def test_expired_sessions_are_deleted_by_the_worker(world: World) -> None:
    Client().post(reverse("passkey_sign_in_options"))
    kept = signed_in(world.member)
    assert Session.objects.count() == 2
    anonymous = Session.objects.exclude(session_key=kept.session.session_key)
    in_six_minutes = timezone.now() + dt.timedelta(minutes=6)
    assert anonymous.get().expire_date < in_six_minutes
    anonymous.update(expire_date=timezone.now() - dt.timedelta(seconds=1))
    call_command("tend")
    assert Session.objects.get().session_key == kept.session.session_key


def test_options_for_anyone_are_limited_for_each_network(world: World) -> None:
    path = reverse("passkey_sign_in_options")
    answers = [Client(REMOTE_ADDR="198.51.100.7").post(path) for _ in range(62)]
    assert [answer.status_code for answer in answers] == [200] * 60 + [429] * 2
    assert answers[-1]["Retry-After"]
    assert Client(REMOTE_ADDR="198.51.100.8").post(path).status_code == 200


def test_a_sign_in_lasts_as_long_as_ever_after_a_passkey_was_tried(world: World) -> None:
    client = Client()
    client.post(reverse("passkey_sign_in_options"))
    enter_password(client, world.member, remember="on")
    row = Session.objects.get(session_key=client.session.session_key)
    assert row.expire_date > timezone.now() + dt.timedelta(days=13)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("account_login", {"login": "member@northwind.example", "password": "wrong"}),
        ("account_reset_password", {"email": "member@northwind.example"}),
        ("account_reset_password", {"email": "unknown@elsewhere.example"}),
        ("account_signup", {"email": "no address"}),
        ("passkey_sign_in", {"credential": "{}"}),
        ("second_factor", {"code": "000000"}),
        ("second_factor_passkey", {"credential": "{}"}),
        ("second_factor_options", {}),
        ("account_logout", {}),
    ],
)
def test_visitors_have_no_session(world: World, name: str, form: dict[str, str]) -> None:
    visitor = Client()
    visitor.get(reverse(name))
    visitor.post(reverse(name), form)
    assert not Session.objects.exists()
    assert settings.SESSION_COOKIE_NAME not in visitor.cookies
