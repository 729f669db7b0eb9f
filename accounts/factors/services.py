"""Adds, renames and removes second factors, and removes passwords. Records and emails each change."""

from typing import Any, NamedTuple

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal.auth import WebAuthn
from django.db import transaction

from accounts.access.organization import lock_signed_in_person
from accounts.actors import Actor
from accounts.audit.personal import record_for_user
from accounts.enums import Action, FactorType
from accounts.errors import Conflict
from accounts.factors.authenticator_app import find_app, save_app
from accounts.factors.recovery_codes import find_codes, replace_codes
from accounts.fields import random_text
from accounts.models import Organization, User
from accounts.outbox import notify

MOST_PASSKEYS = 20
TOO_MANY = "You have 20 passkeys, which is the limit. Remove one first."
HAS_APP = "You already have an authenticator app. Remove it first."
NO_PASSWORD = "Set a password first. You couldn't sign in otherwise."  # noqa: S105
REQUIRED = "{name} requires a second factor. Add another one first."
NO_FACTOR = "Add a passkey or an authenticator app first. Recovery codes only replace a lost one."
REMOVED = "This passkey has just been removed."
NEEDS_PASSKEY = "Add a passkey first. You couldn't sign in otherwise."
MAIL = "accounts/mail/sign_in_changed.txt"


class AddedFactor(NamedTuple):
    """A new factor, and the recovery codes that come with a person's first one; empty for later ones."""

    factor: Authenticator
    codes: list[str]


def notify_of_change(actor: Actor, user: User, change: str) -> None:
    """Queues an email that says what changed and from where. `change` is a sentence."""
    notify(user, "How you sign in has changed", MAIL, actor=actor, change=change)


@transaction.atomic
def add_passkey(*, actor: Actor, name: str, credential: dict[str, Any]) -> AddedFactor:
    """Adds a passkey that `check_registration` has accepted; see `finish_adding`.

    Raises Conflict if the person has too many passkeys.
    """
    person = lock_signed_in_person(actor)
    if person.authenticator_set.filter(type=FactorType.PASSKEY).count() >= MOST_PASSKEYS:
        raise Conflict(TOO_MANY)
    is_first = not person.has_second_factor
    passkey = WebAuthn.add(person, name, credential).instance
    passkey.data["public_id"] = f"passkey_{random_text()}"
    passkey.save(update_fields=["data"])
    change = f"The passkey “{name}” was added to your account."
    return finish_adding(actor, person, passkey, change, is_first=is_first)


@transaction.atomic
def add_authenticator_app(*, actor: Actor, name: str, secret: str, code: str) -> AddedFactor:
    """Adds an authenticator app whose first code was right; see `finish_adding`.

    Raises Conflict if the person already has one.
    """
    person = lock_signed_in_person(actor)
    if find_app(person):
        raise Conflict(HAS_APP)
    is_first = not person.has_second_factor
    app = save_app(person, secret=secret, code=code, name=name)
    change = f"The authenticator app “{name}” was added to your account."
    return finish_adding(actor, person, app, change, is_first=is_first)


def finish_adding(
    actor: Actor, person: User, factor: Authenticator, change: str, *, is_first: bool
) -> AddedFactor:
    """Records and emails the addition.

    With a person's first factor, all sessions but the actor's end, because they started without a second
    factor, and recovery codes are created.
    """
    codes: list[str] = []
    if is_first:
        person.end_sessions(except_pk=actor.session_pk)
        codes = replace_codes(person)
    record_factor(actor, Action.FACTOR_ADDED, person, factor)
    notify_of_change(actor, person, change)
    return AddedFactor(factor, codes)


def record_factor(actor: Actor, action: Action, person: User, factor: Authenticator) -> None:
    record_for_user(actor=actor, action=action, user=person, after=describe_factor(factor))


def describe_factor(factor: Authenticator) -> dict[str, Any]:
    """Returns what the audit log records of a factor: its type and name."""
    return {"type": FactorType(factor.type).label, "name": name_factor(factor)}


def name_factor(factor: Authenticator) -> str:
    return str(factor.data.get("name") or FactorType(factor.type).label)


@transaction.atomic
def rename_factor(*, actor: Actor, factor: Authenticator, name: str) -> None:
    """Renames a passkey or an authenticator app of the actor. Raises Conflict if it was removed."""
    person = lock_signed_in_person(actor)
    row = person.authenticator_set.select_for_update().filter(pk=factor.pk).first()
    if row is None:
        raise Conflict(REMOVED)
    before = name_factor(row)
    if before == name:
        return
    row.data["name"] = name
    row.save(update_fields=["data"])
    record_for_user(
        actor=actor,
        action=Action.FACTOR_RENAMED,
        user=person,
        before={"name": before},
        after={"name": name},
    )


@transaction.atomic
def remove_factor(*, actor: Actor, factor: Authenticator) -> None:
    """Removes a passkey or an authenticator app of the actor, and all trusted browsers.

    Removing the last second factor also deletes the recovery codes. Raises Conflict if the person could not
    sign in without it, or if an organization requires it.
    """
    person = lock_signed_in_person(actor)
    row = person.authenticator_set.filter(pk=factor.pk).first()
    if row is None:
        return
    if reason := why_not_removable(person, row):
        raise Conflict(reason)
    description, name = describe_factor(row), name_factor(row)
    row.delete()
    if not person.has_second_factor:
        person.authenticator_set.all().delete()
    person.trusted_browsers.all().delete()
    record_for_user(actor=actor, action=Action.FACTOR_REMOVED, user=person, before=description)
    kind = FactorType(row.type).label.lower()
    notify_of_change(actor, person, f"The {kind} “{name}” was removed from your account.")


def why_not_removable(person: User, factor: Authenticator) -> str:
    """Returns why the factor cannot be removed; empty if it can."""
    others = person.authenticator_set.exclude(pk=factor.pk)
    passkeys = others.filter(type=FactorType.PASSKEY)
    if not person.has_usable_password() and not passkeys.exists():
        return NO_PASSWORD
    if others.exclude(type=FactorType.RECOVERY_CODES).exists():
        return ""
    organization = Organization.objects.requiring_factor_of(person).first()
    return REQUIRED.format(name=organization.name) if organization else ""


@transaction.atomic
def create_recovery_codes(*, actor: Actor) -> list[str]:
    """Returns new recovery codes; the old ones stop working. Raises Conflict without a second factor."""
    person = lock_signed_in_person(actor)
    if not person.has_second_factor:
        raise Conflict(NO_FACTOR)
    codes = replace_codes(person)
    record_for_user(actor=actor, action=Action.RECOVERY_CODES_CREATED, user=person)
    notify_of_change(
        actor, person, "New recovery codes were created. Your old codes no longer work."
    )
    return codes


@transaction.atomic
def remove_password(*, actor: Actor) -> None:
    """Removes the actor's password, so that they sign in with passkeys alone, and ends all other sessions.

    Raises Conflict if they have no passkey.
    """
    person = lock_signed_in_person(actor)
    if not person.has_passkey:
        raise Conflict(NEEDS_PASSKEY)
    if not person.has_usable_password():
        return
    person.set_unusable_password()
    person.save(update_fields=["password"])
    person.trusted_browsers.all().delete()
    person.end_sessions(except_pk=actor.session_pk)
    record_for_user(actor=actor, action=Action.PASSWORD_REMOVED, user=person)
    notify_of_change(actor, person, "Your password was removed. You now sign in with a passkey.")


@transaction.atomic
def record_recovery_code(*, actor: Actor, user: User) -> None:
    """Records and emails that a recovery code was used to sign in."""
    codes = find_codes(user)
    left = codes.left if codes else 0
    record_for_user(
        actor=actor, action=Action.RECOVERY_CODE_USED, user=user, after={"codes_left": left}
    )
    notify_of_change(
        actor, user, f"A recovery code was used to sign in. Recovery codes left: {left}."
    )
