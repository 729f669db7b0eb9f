"""Sessions that end while something runs in them, or that were there before sessions had rows."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.urls import reverse

from accounts.actors import Actor
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


def is_in(client: Client) -> bool:
    return client.get(reverse("profile")).status_code == 200


def row_of(client: Client) -> UserSession:
    return UserSession.objects.get(session_key=client.session.session_key)


ACTS: dict[str, Callable[[Actor, Any], object]] = {
    "add an app": lambda actor, factor: add_authenticator_app(
        actor=actor, name="Phone", secret="A" * 32, code="", session_pk=actor.session_pk
    ),
    "add a passkey": lambda actor, factor: add_passkey(
        actor=actor, name="Laptop", credential={}, session_pk=actor.session_pk
    ),
    "rename a factor": lambda actor, factor: rename_factor(actor=actor, factor=factor, name="Mine"),
    "remove a factor": lambda actor, factor: remove_factor(actor=actor, factor=factor),
    "create recovery codes": lambda actor, factor: create_recovery_codes(actor=actor),
    "remove the password": lambda actor, factor: remove_password(
        actor=actor, session_pk=actor.session_pk
    ),
    "trust the browser": lambda actor, factor: trust_browser(actor=actor),
    "end other sessions": lambda actor, factor: end_other_sessions(
        actor=actor, except_pk=actor.session_pk
    ),
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
