"""Ninety days of usage of the demo world, recorded like events from a metering program.

The usage of an hour is generated from the hour alone, so each start can add what is missing.
"""

import datetime as dt
import random
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from django.utils import timezone

from accounts.models import User
from console.demo.keys import ADMIN, MEMBER, PARTNER
from keys.models import ApiKey
from projects.models import Project
from usage.ingest.events import Dimensions, Event
from usage.ingest.services.recording import record_usage
from usage.ledger.sources import get_source
from usage.models import UsageRecord, UsageSource

DAYS, HOUR = 90, dt.timedelta(hours=1)
BATCH = 2_000  # events
OWNER = "owner@northwind.example"
PREFIX = "demo:"
LARGE, SMALL, REASONING = "llama-3.3-70b", "llama-3.1-8b", "deepseek-r1"
MILLION = 1_000_000
# How likely usage is in each hour of a day in UTC.
OFFICE = (0, 0, 0, 0, 0, 0, 1, 3, 6, 8, 9, 8, 6, 7, 9, 9, 7, 5, 3, 2, 1, 1, 0, 0)
CLOCK = (3, 2, 2, 2, 2, 3, 4, 6, 8, 9, 9, 9, 8, 9, 9, 9, 8, 8, 7, 7, 6, 5, 4, 3)
NIGHT = (4, 9, 9, 4, *[0] * 20)
WEEKEND = {OFFICE: 0.12, CLOCK: 0.6, NIGHT: 1.0}  # of what weekdays have
UNITS = {
    "input_tokens": "token",
    "output_tokens": "token",
    "cached_input_tokens": "token",
    "cache_write_tokens": "token",
    "reasoning_tokens": "token",
    "trained_tokens": "token",
    "judged_tokens": "token",
    "gpu_hours": "gpu-hour",
    "gb_hours": "gb-hour",
    "sessions": "session",
}


@dataclass(frozen=True)
class Stream:
    """Regular usage by a key or a person: how often on a weekday, and about how much each time."""

    name: str
    project: str
    product: str
    amounts: dict[str, float]
    often: float
    key: str = ""
    person: str = ""
    model: str = ""
    hours: tuple[int, ...] = OFFICE


def tokens(given: float, made: float, **classes: float) -> dict[str, float]:
    """Returns millions of tokens by line item. Input that was cached is not part of `given`."""
    millions = {"input": given, "output": made, **classes}
    return {f"{name}_tokens": number * MILLION for name, number in millions.items()}


INFERENCE, PLAYGROUND = "serverless-inference", "playground"
CLUSTERS, INTERPRETER = "instant-clusters", "code-interpreter"
RESEARCH, PRODUCTION = "ml-research", "production"
CACHED_CHAT = tokens(3.4, 0.7, cached_input=1.6, cache_write=0.2)
STREAMS = [
    Stream("chat", RESEARCH, INFERENCE, CACHED_CHAT, 8, "prod-inference", model=LARGE),
    Stream("embed", RESEARCH, INFERENCE, tokens(24, 0.2), 2, "batch-embeddings", "", SMALL, NIGHT),
    Stream("ci", RESEARCH, INFERENCE, tokens(0.4, 0.1), 3, "ci-pipeline", model=SMALL),
    Stream("think", RESEARCH, INFERENCE, tokens(0.3, 0.4, reasoning=0.3), 3, "notebooks", model=REASONING),
    Stream("sandbox", RESEARCH, INTERPRETER, {"sessions": 40}, 3, "notebooks"),
    Stream("index", RESEARCH, INFERENCE, tokens(6, 0.1), 2, "vector-index", model=SMALL),
    Stream("laptop", RESEARCH, INFERENCE, tokens(0.9, 0.3), 2, "old-laptop", model=LARGE),
    Stream("staging", RESEARCH, INFERENCE, tokens(1.5, 0.4), 2, "staging-2025", model=LARGE),
    Stream("train", RESEARCH, CLUSTERS, {"gpu_hours": 7}, 2, "prod-inference", model="h100-sxm"),
    Stream("bench", RESEARCH, CLUSTERS, {"gpu_hours": 4}, 0.4, person=ADMIN, model="h200-sxm"),
    Stream("judge", RESEARCH, "evaluations", {"judged_tokens": 5 * MILLION}, 2, "eval-runner"),
    Stream("evals", RESEARCH, INFERENCE, tokens(0.7, 0.2), 2, "nightly-evals", "", SMALL, NIGHT),
    Stream("corpus", RESEARCH, "volumes", {"gb_hours": 28_000}, 1, person=ADMIN, hours=NIGHT),
    Stream("tune", RESEARCH, "fine-tuned-models", {"trained_tokens": 30 * MILLION}, 0.5, person=MEMBER),
    Stream("visit", RESEARCH, INFERENCE, tokens(0.8, 0.2), 2, person=PARTNER, model=LARGE),
    Stream("visit-data", RESEARCH, "volumes", {"gb_hours": 6_000}, 1, person=PARTNER, hours=NIGHT),
    Stream("visit-judge", RESEARCH, "evaluations", {"judged_tokens": 2 * MILLION}, 1, person=PARTNER),
    Stream("gateway", PRODUCTION, INFERENCE, tokens(2.6, 0.6), 12, "api-gateway", "", LARGE, CLOCK),
    Stream("tools", PRODUCTION, INTERPRETER, {"sessions": 60}, 2, "api-gateway", hours=CLOCK),
    Stream("export", PRODUCTION, INFERENCE, tokens(2, 0.1), 1, "billing-export", "", SMALL, NIGHT),
    Stream("results", PRODUCTION, "files", {"gb_hours": 9_000}, 1, "api-gateway", hours=NIGHT),
    Stream("host", PRODUCTION, "dedicated-endpoints", {"gpu_hours": 6}, 1, "", ADMIN, "h100-sxm"),
    Stream("try-1", "", PLAYGROUND, tokens(0.05, 0.02), 1, person=OWNER, model=LARGE),
    Stream("try-2", "", PLAYGROUND, tokens(0.08, 0.03), 2, person=ADMIN, model=LARGE),
    Stream("try-3", "", PLAYGROUND, tokens(0.06, 0.04), 2, person=MEMBER, model=REASONING),
    Stream("contoso", "contoso-default", INFERENCE, tokens(0.5, 0.2), 2, person=PARTNER, model=SMALL),
    Stream("contoso-try", "", PLAYGROUND, tokens(0.03, 0.01), 1, person=PARTNER, model=LARGE),
]  # fmt: skip


class UsageActor(NamedTuple):
    """The public ids that the events of a stream contain, and the time in which there is usage."""

    api_key: str | None = None
    user: str | None = None
    project: str | None = None
    begins: dt.datetime | None = None
    ends: dt.datetime | None = None


def record_demo_usage() -> None:
    """Records the usage since the last start, up to the last full hour and at most ninety days."""
    source = get_source("demo")
    until = timezone.now().astimezone(dt.UTC).replace(minute=0, second=0, microsecond=0)
    begun = until.replace(hour=0) - dt.timedelta(days=DAYS - 1)
    first, last = find_recorded_hours(source)
    since = max(begun, last + HOUR) if last else begun
    if since >= until:
        return
    build_events = DemoWorld()
    events = [
        event
        for stream in STREAMS
        if (actor := build_events.find_actor(stream))
        for event in generate_usage(stream, actor, first or begun, (since, until))
    ]
    for start in range(0, len(events), BATCH):
        record_usage(source=source, events=events[start : start + BATCH], any_age=True)


def find_recorded_hours(source: UsageSource) -> tuple[dt.datetime | None, dt.datetime | None]:
    """Returns the hours of the first and last recorded event, with which their ids begin."""
    ids = UsageRecord.objects.filter(
        source=source, event_id__gte=f"{PREFIX}2", event_id__lt=f"{PREFIX}3"
    ).values_list("event_id", flat=True)
    first, last = ids.order_by("event_id").first(), ids.order_by("-event_id").first()
    return parse_hour(first) if first else None, parse_hour(last) if last else None


def parse_hour(event_id: str) -> dt.datetime:
    hour = event_id.removeprefix(PREFIX)[:13]
    return dt.datetime.strptime(f"{hour}+0000", "%Y-%m-%dT%H%z")


class DemoWorld:
    """The demo's projects, keys and people that still exist: users of a demo may change all of it."""

    def __init__(self) -> None:
        projects = Project.objects.filter(
            slugs__slug__in={stream.project for stream in STREAMS}
        ).select_related("organization")
        self.projects = {
            slug: project
            for project in projects.unarchived()
            if project.organization.is_active
            for slug in project.slugs.values_list("slug", flat=True)
        }
        self.keys = {
            (slug, key.name): key
            for slug, project in self.projects.items()
            for key in project.api_keys.listed().with_use()
        }
        emails = {stream.person for stream in STREAMS if stream.person}
        users = User.objects.filter(email__in=emails).select_related("home_organization")
        self.users = {user.email: user for user in users}

    def find_actor(self, stream: Stream) -> UsageActor | None:
        """Returns who uses the stream; None if they no longer exist."""
        project = self.projects.get(stream.project)
        if stream.project and project is None:
            return None
        if stream.key:
            key = self.keys.get((stream.project, stream.key))
            return build_key_actor(key) if key else None
        user = self.users.get(stream.person)
        home = user and user.home_organization
        if user is None or home is None or not home.is_active:
            return None
        return UsageActor(user=user.public_id, project=project.public_id if project else None)


def build_key_actor(key: ApiKey) -> UsageActor:
    """Returns the actor for a key. A key that no longer works has usage until its last use."""
    now = timezone.now()
    ended = key.revoked_at is not None or (key.expires_at is not None and key.expires_at <= now)
    ends = key.last_used_at if ended else None
    return UsageActor(key.public_id, begins=key.created_at, ends=ends)


def generate_usage(
    stream: Stream, actor: UsageActor, first: dt.datetime, period: tuple[dt.datetime, dt.datetime]
) -> Iterator[Event]:
    """Yields the usage of a stream in a period. It is random, but always the same for the same day."""
    since = max(period[0], actor.begins or period[0])
    until = min(period[1], actor.ends or period[1])
    for number in range((period[1].date() - period[0].date()).days + 1):
        day = period[0].date() + dt.timedelta(days=number)
        chance = random.Random(f"{stream.name} {day}")  # noqa: S311  (no secret)
        growth = min(0.7 + 0.004 * (day - first.date()).days, 2)
        for time in choose_times(stream, day, growth, chance):
            amounts = {
                item: round(about * growth * chance.uniform(0.6, 1.4), 2)
                for item, about in stream.amounts.items()
            }
            if since <= time < until:
                yield from build_events(stream, actor, time, amounts)


def choose_times(
    stream: Stream, day: dt.date, growth: float, chance: random.Random
) -> list[dt.datetime]:
    often = stream.often * growth * (WEEKEND[stream.hours] if day.weekday() >= 5 else 1)
    number = int(often) + (chance.random() < often % 1)
    midnight = dt.datetime.combine(day, dt.time(), dt.UTC)
    return sorted(
        midnight + hour * HOUR + dt.timedelta(microseconds=chance.randrange(3_600_000_000))
        for hour in chance.choices(range(24), stream.hours, k=number)
    )


def build_events(
    stream: Stream, actor: UsageActor, time: dt.datetime, amounts: dict[str, float]
) -> Iterator[Event]:
    for item, amount in amounts.items():
        yield Event(
            id=f"{PREFIX}{time:%Y-%m-%dT%H:%M:%S.%f}:{stream.name}:{item}",
            time=time,
            product=stream.product,
            line_item=item,
            quantity=f"{amount:.2f}" if item.endswith("hours") else round(amount),
            unit=UNITS[item],
            api_key_id=actor.api_key,
            user_id=actor.user,
            project_id=actor.project,
            dimensions=Dimensions(stream.model),
        )
