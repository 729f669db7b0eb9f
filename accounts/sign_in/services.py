"""Records sign-ins in the audit log, and notifies users of new browsers."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.audit.writer import Target, record
from accounts.enums import Action, Notification
from accounts.models import Organization, User
from accounts.models.principals import Principal
from accounts.outbox import notify


@transaction.atomic
def record_for_user(
    *,
    actor: Actor,
    action: Action,
    user: User,
    target: Target | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Records `action` in the audit log of each organization of `user`; without any, in the console's own.

    `target` is what the event is about, by default the user. Organizations where they are external are left
    out: when a contractor signs in does not concern their customers.
    """
    organizations = Organization.objects.filter(memberships__user=user).order_by("pk")
    for organization in list(organizations) or (None,):
        record(actor, action, organization=organization, target=target or user, after=after)


@transaction.atomic
def record_sign_in(*, actor: Actor, browser: str, is_new: bool) -> None:
    """Records that the actor signed in; `browser` is the User-Agent header."""
    record_for_user(actor=actor, action=Action.SIGNED_IN, user=actor.person)
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


def record_failed_sign_in(*, actor: Actor, user: User) -> None:
    """Records a wrong password for `user`. The actor is unknown."""
    unknown = actor.acting_as(Principal.without_account(user.email))
    record_for_user(actor=unknown, action=Action.SIGN_IN_FAILED, user=user)
