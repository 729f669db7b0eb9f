"""Records what people do to their own account, in each organization that it concerns."""

from typing import Any

from django.db import transaction

from accounts.actors import Actor
from accounts.audit.writer import Target, record
from accounts.enums import Action
from accounts.models import Organization, User


@transaction.atomic
def record_for_user(
    *,
    actor: Actor,
    action: Action,
    user: User,
    target: Target | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Records `action` in the audit log of each organization of `user`; without any, in the console's own.

    `target` is what the event is about, by default the user. Organizations where they are external are left
    out: when a contractor signs in does not concern their customers.
    """
    organizations = Organization.objects.filter(memberships__user=user).order_by("pk")
    for organization in list(organizations) or (None,):
        record(
            actor,
            action,
            organization=organization,
            target=target or user,
            before=before,
            after=after,
        )
