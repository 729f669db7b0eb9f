"""Queues the emails of invitations, within limits, because the recipients did not ask for them."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db.models import Count, QuerySet
from django.utils import timezone

from accounts.errors import TooMany
from accounts.models import Invitation, Organization, OutgoingMail, User
from accounts.outbox import queue

DAY = dt.timedelta(days=1)
# An organization this young may have been created only to write to strangers.
NEW = dt.timedelta(days=7)


def queue_invitation(invitation: Invitation) -> None:
    """Queues the email of an invitation. Its text is made when it is sent.

    Raises TooMany if the organization, the inviter or the recipient has reached a limit of 24 hours
    (`INVITATIONS_PER_DAY` and related settings). The caller has to lock the organization, which makes its
    limit exact.
    """
    require_within_limits(invitation)
    queue(
        OutgoingMail(
            to=invitation.email,
            subject=f"Invitation to {invitation.organization.name}",
            invitation=invitation,
            generation=invitation.generation,
        )
    )


def require_within_limits(invitation: Invitation) -> None:
    organization, recent = invitation.organization, find_recent_mails()
    require_room(
        recent.filter(invitation__organization=organization),
        organization_limit(organization),
        f"{organization.name} has sent %(limit)d invitations in the last 24 hours. "
        "Try again tomorrow, or ask support for a higher limit.",
    )
    require_room(
        recent.filter(
            invitation__invited_by=invitation.invited_by_id,
            invitation__program_ref=invitation.program_ref,
        ),
        settings.INVITATIONS_PER_PERSON,
        "You have sent %(limit)d invitations in the last 24 hours. Try again tomorrow.",
    )
    require_room(
        recent.filter(to=invitation.email),
        settings.INVITATIONS_PER_RECIPIENT,
        f"{invitation.email} has been sent %(limit)d invitations in the last 24 hours. "
        "Try again tomorrow, or copy the link of a pending invitation and pass it on yourself.",
    )


def find_recent_mails() -> QuerySet[OutgoingMail]:
    return OutgoingMail.objects.filter(
        invitation__isnull=False, created_at__gt=timezone.now() - DAY
    )


def count_remaining(organization: Organization, inviter: User) -> int:
    """Returns how many more invitations the person can send in the organization now."""
    recent = find_recent_mails()
    of_organization = recent.filter(invitation__organization=organization).count()
    of_person = recent.filter(invitation__invited_by=inviter, invitation__program_ref="").count()
    remaining = (
        organization_limit(organization) - of_organization,
        settings.INVITATIONS_PER_PERSON - of_person,
    )
    return max(0, min(remaining))


def find_full_recipients(emails: Iterable[str]) -> set[str]:
    """Returns those of the addresses that can't be sent another invitation now."""
    sent = find_recent_mails().filter(to__in=emails).order_by().values("to")
    counted = sent.annotate(number=Count("pk"))
    full = counted.filter(number__gte=settings.INVITATIONS_PER_RECIPIENT)
    return set(full.values_list("to", flat=True))


def organization_limit(organization: Organization) -> int:
    """Returns the number of invitations that the organization may send within 24 hours."""
    if organization.created_at > timezone.now() - NEW:
        return min(settings.INVITATIONS_PER_DAY, settings.INVITATIONS_PER_DAY_NEW)
    return int(settings.INVITATIONS_PER_DAY)


def require_room(sent: QuerySet[Any], limit: int, message: str) -> None:
    """Raises TooMany if `limit` is reached, with the seconds until one more can be sent.

    `sent` are the rows of the last 24 hours, which have `created_at`.
    """
    now = timezone.now()
    # There is room again when the `limit`-th newest row no longer counts.
    newest_first = sent.order_by("-created_at").values_list("created_at", flat=True)
    blocking = newest_first[limit - 1 : limit].first() if limit else now
    if blocking:
        seconds = max(1, int((blocking + DAY - now).total_seconds()))
        raise TooMany(message, params={"limit": limit}, retry_after=seconds)
