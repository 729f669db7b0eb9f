"""What admins look for among the keys of their organization, and how many there are of each."""

import datetime as dt

from django.db.models import Count, Q
from django.utils import timezone

from keys.enums import Look
from keys.models import KeyPolicy
from keys.models.api_key import ApiKeyQuerySet
from keys.models.conditions import outliving, still_active, unused_since


def conditions(policy: KeyPolicy) -> dict[Look, Q]:
    """What each look shows of `ApiKeyQuerySet.with_creators`; *outlives policy* only where it can."""
    active, now = still_active(), timezone.now()
    shown = {
        Look.ACTIVE: active,
        Look.UNUSED_30: active & unused_since(now - dt.timedelta(days=30)),
        Look.UNUSED_90: active & unused_since(now - dt.timedelta(days=90)),
        Look.NEVER_EXPIRES: active & Q(expires_at__isnull=True),
        Look.CREATOR_GONE: active & Q(creator_is_in=False),
    }
    if policy.longest_days is not None:
        shown[Look.OUTLIVES_POLICY] = active & outliving(policy.longest_days)
    return {**shown, Look.ALL: Q()}


def looked_at(keys: ApiKeyQuerySet, look: Look, policy: KeyPolicy) -> ApiKeyQuerySet:
    """Those of the keys that the look shows; the active ones for one that the policy has not."""
    found = keys.with_creators() if look == Look.CREATOR_GONE else keys
    shown = conditions(policy)
    return found.filter(shown.get(look, shown[Look.ACTIVE]))


def numbers(keys: ApiKeyQuerySet, policy: KeyPolicy) -> dict[Look, int]:
    """How many of the keys each look shows, in one query."""
    wanted = conditions(policy)
    counted = keys.with_creators().aggregate(
        **{look.name: Count("pk", filter=condition) for look, condition in wanted.items()}
    )
    return {look: counted[look.name] for look in wanted}
