"""What admins look for among the keys of their organization, and how many there are of each."""

import datetime as dt

from django.db.models import Count, Q
from django.utils import timezone

from keys.enums import Segment
from keys.models import KeyPolicy
from keys.models.api_key import ApiKeyQuerySet
from keys.models.conditions import outliving, still_active, unused_since


def segment_conditions(policy: KeyPolicy) -> dict[Segment, Q]:
    """What each look shows of `ApiKeyQuerySet.with_creators`; *outlives policy* only where it can."""
    active, now = still_active(), timezone.now()
    shown = {
        Segment.ACTIVE: active,
        Segment.UNUSED_30: active & unused_since(now - dt.timedelta(days=30)),
        Segment.UNUSED_90: active & unused_since(now - dt.timedelta(days=90)),
        Segment.NEVER_EXPIRES: active & Q(expires_at__isnull=True),
        Segment.CREATOR_GONE: active & Q(creator_is_in=False),
    }
    if policy.longest_days is not None:
        shown[Segment.OUTLIVES_POLICY] = active & outliving(policy.longest_days)
    return {**shown, Segment.ALL: Q()}


def filter_segment(keys: ApiKeyQuerySet, look: Segment, policy: KeyPolicy) -> ApiKeyQuerySet:
    """Those of the keys that the look shows; the active ones for one that the policy has not."""
    found = keys.with_creators() if look == Segment.CREATOR_GONE else keys
    shown = segment_conditions(policy)
    return found.filter(shown.get(look, shown[Segment.ACTIVE]))


def count_segments(keys: ApiKeyQuerySet, policy: KeyPolicy) -> dict[Segment, int]:
    """How many of the keys each look shows, in one query."""
    wanted = segment_conditions(policy)
    counted = keys.with_creators().aggregate(
        **{look.name: Count("pk", filter=condition) for look, condition in wanted.items()}
    )
    return {look: counted[look.name] for look in wanted}
