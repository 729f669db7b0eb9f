"""The segments of an organization's keys that admins look at, and how many keys each has."""

import datetime as dt

from django.db.models import Count, Q
from django.utils import timezone

from keys.enums import Segment
from keys.models import KeyPolicy
from keys.models.api_key import ApiKeyQuerySet
from keys.models.conditions import outliving, still_active, unused_since


def segment_conditions(policy: KeyPolicy) -> dict[Segment, Q]:
    """Returns the condition of each segment, for `ApiKeyQuerySet.with_creators`.

    *Exceeding the key policy* is there only if the policy limits the lifetime of secrets.
    """
    active, now = still_active(), timezone.now()
    conditions = {
        Segment.ACTIVE: active,
        Segment.UNUSED_30: active & unused_since(now - dt.timedelta(days=30)),
        Segment.UNUSED_90: active & unused_since(now - dt.timedelta(days=90)),
        Segment.NEVER_EXPIRES: active & Q(expires_at__isnull=True),
        Segment.CREATOR_GONE: active & Q(creator_is_in=False),
    }
    if policy.longest_days is not None:
        conditions[Segment.OUTLIVES_POLICY] = active & outliving(policy.longest_days)
    return {**conditions, Segment.ALL: Q()}


def filter_segment(keys: ApiKeyQuerySet, segment: Segment, policy: KeyPolicy) -> ApiKeyQuerySet:
    """Returns the keys of a segment, or the active ones for a segment that is not there."""
    candidates = keys.with_creators() if segment == Segment.CREATOR_GONE else keys
    conditions = segment_conditions(policy)
    return candidates.filter(conditions.get(segment, conditions[Segment.ACTIVE]))


def count_segments(keys: ApiKeyQuerySet, policy: KeyPolicy) -> dict[Segment, int]:
    """Returns how many of the keys each segment has, in one query."""
    conditions = segment_conditions(policy)
    counted = keys.with_creators().aggregate(
        **{segment.name: Count("pk", filter=condition) for segment, condition in conditions.items()}
    )
    return {segment: counted[segment.name] for segment in conditions}
