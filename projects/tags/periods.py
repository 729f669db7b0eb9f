"""The tags of a project or key: what holds today, what will hold, and how a new set takes effect."""

import datetime as dt
import hashlib
import json
from collections.abc import Mapping
from typing import Any, NamedTuple, TypeVar

from django.db import models
from django.db.models import Prefetch
from django.db.models.functions import Now
from django.utils import timezone

from accounts.errors import Conflict
from accounts.models import Organization
from projects.models.tags import Tag, TagPeriod

CHANGED_MEANWHILE = "These tags have changed since you opened this page. Check them and save again."
DAY = dt.timedelta(days=1)
# What has tags: a project or an API key. Its periods are its `tag_periods`.
Owners = TypeVar("Owners", bound="models.QuerySet[Any]")


class TagState(NamedTuple):
    """A tag's value today, and that from the next day on; '' for none."""

    name: str
    today: str
    tomorrow: str

    @property
    def is_pending(self) -> bool:
        return self.today != self.tomorrow


def list_tags(owner: Any) -> list[TagState]:
    """Returns the tags of a project or key by name, with those that were removed only today."""
    today = timezone.now().date()
    periods = owner.tag_periods.holding_from(today).select_related("tag").order_by("name")
    now: dict[str, str] = {}
    later: dict[str, str] = {}
    for period in periods:
        if period.starts_on <= today:
            now[period.name] = period.value
        if period.ends_on is None:
            later[period.name] = period.value
    return [
        TagState(name, now.get(name, ""), later.get(name, "")) for name in sorted({*now, *later})
    ]


def with_tags(owners: Owners) -> Owners:
    """Prefetches what `get_tags` returns."""
    periods = owners.model._meta.get_field("tag_periods").related_model
    assert isinstance(periods, type)
    assert issubclass(periods, TagPeriod)
    last = periods._default_manager.filter(ends_on=None).select_related("tag")
    return owners.prefetch_related(Prefetch("tag_periods", last, to_attr="last_tag_periods"))


def get_tags(owner: Any) -> dict[str, str]:
    """Returns the values by name as they were last set, which count from the next day on."""
    periods = getattr(owner, "last_tag_periods", None)
    if periods is None:
        periods = owner.tag_periods.filter(ends_on=None).select_related("tag")
    return {period.name: period.value for period in sorted(periods, key=lambda each: each.name)}


def compute_fingerprint(tags: Mapping[str, str]) -> str:
    """Returns a text that differs for other tags, so that a form knows what it was rendered with."""
    content = json.dumps(sorted(tags.items())).encode()
    return hashlib.sha256(content).hexdigest()[:16]


def replace_tags(
    owner: Any, organization: Organization, tags: Mapping[str, str], *, seen: str | None = None
) -> tuple[dict[str, str], dict[str, str]]:
    """Makes `tags` those of a locked project or key from the next UTC day on; returns them before and after.

    `seen` is the `compute_fingerprint` of the tags that a form showed. Raises Conflict if they have changed
    since.
    """
    before = get_tags(owner)
    if seen is not None and seen != compute_fingerprint(before):
        raise Conflict(CHANGED_MEANWHILE)
    first_day = find_first_day(organization)
    for period in owner.tag_periods.filter(ends_on=None).select_related("tag"):
        if tags.get(period.name) != period.value:
            end_period(period, first_day)
    for name, value in tags.items():
        if before.get(name) != value:
            begin_period(owner, organization, first_day, name, value)
    return before, dict(sorted(tags.items()))


def find_first_day(organization: Organization) -> dt.date:
    """Returns the first UTC day on which a change counts: tomorrow by the later of two clocks.

    The triggers go by the clock of the database.
    """
    rows = Organization.objects.filter(pk=organization.pk).values_list(Now(), flat=True)
    latest: dt.datetime = max(timezone.now(), rows.get())
    return latest.astimezone(dt.UTC).date() + DAY


def end_period(period: TagPeriod, first_day: dt.date) -> None:
    if period.starts_on >= first_day:  # it has not begun
        period.delete()
        return
    period.ends_on = first_day
    period.save(update_fields=["ends_on"])


def begin_period(
    owner: Any, organization: Organization, first_day: dt.date, name: str, value: str
) -> None:
    """Starts a period, or continues today's if that has the value again."""
    tag, _ = Tag.objects.get_or_create(organization=organization, name=name, value=value)
    today = owner.tag_periods.filter(tag=tag, ends_on=first_day).first()
    if today:
        today.ends_on = None
        today.save(update_fields=["ends_on"])
    else:
        owner.tag_periods.create(tag=tag, name=name, starts_on=first_day)


def describe_changes(
    before: Mapping[str, str], after: Mapping[str, str]
) -> tuple[dict[str, str | None], dict[str, str | None]]:
    """Returns the values of the tags that changed, before and after, for the audit log."""
    names = sorted(name for name in {*before, *after} if before.get(name) != after.get(name))
    return {name: before.get(name) for name in names}, {name: after.get(name) for name in names}
