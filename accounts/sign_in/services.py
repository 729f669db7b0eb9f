"""What signing in leaves behind: entries in the audit trail, and a mail when the browser is new."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.audit.writer import Target, record
from accounts.enums import Act, Notification
from accounts.models import Organization, User
from accounts.models.principals import Principal
from accounts.outbox import notify


@transaction.atomic
def note_for_person(
    *,
    actor: Actor,
    act: Act,
    user: User,
    target: Target | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """One event in the trail of each organization `user` is a member of; without any, in the rest's.

    About `target`, or the person.

    Not where they are external: when somebody signs in is no business of their customers.
    """
    organizations = Organization.objects.filter(memberships__user=user).order_by("pk")
    for organization in list(organizations) or (None,):
        record(actor, act, organization=organization, target=target or user, after=after)


@transaction.atomic
def note_sign_in(*, actor: Actor, browser: str, is_new: bool) -> None:
    """Somebody signed in, with the browser that calls itself so."""
    note_for_person(actor=actor, act=Act.SIGNED_IN, user=actor.person)
    if is_new:
        notify(
            actor.person,
            "New sign-in to your account",
            "accounts/mail/new_sign_in.txt",
            kind=Notification.NEW_SIGN_IN,
            actor=actor,
            browser=browser[:200] or "unknown",
            at=timezone.now(),
        )


def note_failed_sign_in(*, actor: Actor, user: User) -> None:
    """Somebody gave a wrong password for `user`'s address; who they are nobody knows."""
    unknown = actor.acting_as(Principal.without_account(user.email))
    note_for_person(actor=unknown, act=Act.SIGN_IN_FAILED, user=user)
