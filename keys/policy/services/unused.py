"""Revokes keys that were unused for longer than their organization's key policy allows."""

import datetime as dt
from collections.abc import Sequence

from django.db import transaction
from django.utils import timezone

from accounts.enums import Notification
from accounts.models import Organization, User
from accounts.models.principals import Principal
from accounts.outbox import notify
from accounts.web.formatting import format_count
from keys.models import ApiKey, KeyPolicy
from keys.models.api_key import ApiKeyQuerySet
from keys.models.conditions import neglected_since
from projects.models import Project
from projects.models.collaborator import BY_ITSELF

# Uses are written up to a minute and some seconds late (keys/verification/last_used.py).
LATE = dt.timedelta(minutes=2)
# Keys of one organization in one run of `tend`; the next run, a minute later, does the rest.
BATCH = 200


def find_unused_keys(days: int) -> ApiKeyQuerySet:
    """Returns the keys that a limit of `days` revokes now.

    Keys that could not be used, because their project was archived or their organization suspended, get
    the full time again.
    """
    moment = timezone.now() - dt.timedelta(days=days) - LATE
    return ApiKey.objects.listed().usable().filter(neglected_since(moment))


def revoke_unused_keys() -> int:
    """Revokes all keys that are due, one organization at a time, and returns how many."""
    number = 0
    for days in KeyPolicy.objects.days_in_use():
        of_rule = find_unused_keys(days).filter(project__organization__key_policy__unused_days=days)
        organizations = of_rule.order_by("project__organization_id")
        for pk in organizations.values_list("project__organization_id", flat=True).distinct():
            number += revoke_in_organization(pk)
    return number


@transaction.atomic
def revoke_in_organization(organization_id: int) -> int:
    """Revokes the keys of an organization that are due, and notifies the people they concern."""
    organization = Organization.objects.lock(organization_id)
    days = KeyPolicy.of(organization).unused_days
    if days is None:
        return 0
    waiting = find_unused_keys(days).in_organization(organization)
    batch = list(waiting.order_by("pk").values_list("pk", flat=True)[:BATCH])
    # Filtered again while they are locked: one may have been used since.
    still = waiting.filter(pk__in=batch).with_use().select_related("created_by")
    revoked = still.revoke(BY_ITSELF, reason=f"Unused for {format_count(days, 'day')}")
    for user, keys in list_recipients(organization, revoked):
        notify_recipient(user, organization, keys, days)
    return len(revoked)


def list_recipients(
    organization: Organization, keys: Sequence[ApiKey]
) -> list[tuple[User, Sequence[ApiKey]]]:
    """Returns whom to notify of which keys: Owner and Admins of all, creators of those they can see."""
    in_charge = organization.memberships.with_every_project().with_users().order_by("pk")
    recipients: dict[User, Sequence[ApiKey]] = {row.user: keys for row in in_charge}
    creators = {key.created_by for key in keys if key.created_by} - set(recipients)
    for user in sorted(creators, key=lambda creator: creator.pk):
        seen = set(
            Project.objects.visible_to(Principal.of_absent(user)).values_list("pk", flat=True)
        )
        recipients[user] = [
            key for key in keys if key.created_by == user and key.project_id in seen
        ]
    return [(user, visible) for user, visible in recipients.items() if visible]


def notify_recipient(
    user: User, organization: Organization, keys: Sequence[ApiKey], days: int
) -> None:
    subject = f"{len(keys)} unused API keys of {organization.name} were revoked"
    if len(keys) == 1:
        subject = f"The unused API key {keys[0].name} of {organization.name} was revoked"
    notify(
        user,
        subject,
        "keys/mail/keys_unused.txt",
        kind=Notification.KEY_ENDING,
        organization=organization,
        keys=keys,
        days=format_count(days, "day"),
    )
