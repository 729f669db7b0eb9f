"""Revokes keys that nobody used for as long as the key policy of their organization says."""

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

# A use is written up to a minute and some seconds late (keys/verification/last_used.py).
LATE = dt.timedelta(minutes=2)
# Of one organization in one turn of `tend`; the next one, a minute later, does the rest.
BATCH = 200


def find_unused_keys(days: int) -> ApiKeyQuerySet:
    """The keys that a rule of so many days revokes now. Those that could not be used meanwhile,
    because their project was archived or their organization suspended, are given the days again."""
    moment = timezone.now() - dt.timedelta(days=days) - LATE
    return ApiKey.objects.listed().usable().filter(neglected_since(moment))


def revoke_unused_keys() -> int:
    """Does what is due, an organization at a time; gives how many keys it revoked."""
    number = 0
    for days in KeyPolicy.objects.days_in_use():
        of_rule = find_unused_keys(days).filter(project__organization__key_policy__unused_days=days)
        places = of_rule.order_by("project__organization_id")
        for pk in places.values_list("project__organization_id", flat=True).distinct():
            number += revoke_in_organization(pk)
    return number


@transaction.atomic
def revoke_in_organization(organization_id: int) -> int:
    """The keys still due once the organization is locked, and a mail to each person they concern."""
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
    """Who is told of which: the Owner and Admins of all, others of their own where they still are."""
    in_charge = organization.memberships.with_every_project().with_users().order_by("pk")
    told: dict[User, Sequence[ApiKey]] = {one.user: keys for one in in_charge}
    makers = {key.created_by for key in keys if key.created_by} - set(told)
    for user in sorted(makers, key=lambda maker: maker.pk):
        seen = set(Project.objects.visible_to(Principal.of_user(user)).values_list("pk", flat=True))
        told[user] = [key for key in keys if key.created_by == user and key.project_id in seen]
    return [(user, of_user) for user, of_user in told.items() if of_user]


def notify_recipient(
    user: User, organization: Organization, keys: Sequence[ApiKey], days: int
) -> None:
    names = keys[0].name if len(keys) == 1 else f"{len(keys)} unused API keys"
    verb = "was" if len(keys) == 1 else "were"
    notify(
        user,
        f"{names} of {organization.name} {verb} revoked",
        "keys/mail/keys_unused.txt",
        kind=Notification.KEY_ENDING,
        organization=organization,
        keys=keys,
        days=format_count(days, "day"),
    )
