"""Reads the audit log: the page, its CSV file, and the verification of its chain.

An organization can have a million events, so nothing here counts or sorts them: sequence numbers in a
chain have no gaps, and pages walk them from the end.
"""

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast

from accounts.audit.people import add_names, find_people, match_people
from accounts.crypto.peppers import peppers
from accounts.email_addresses import normalize_email
from accounts.enums import Action
from accounts.fields import PUBLIC_ID
from accounts.models import AuditChain, AuditEvent, Organization, PersonalData, User
from accounts.searching import fold, match_first_line, match_words
from accounts.web.formatting import format_count
from accounts.web.list_query import ListQuery, filter_text

PAGE_SIZE = 50
# Free text has no index: one page searches this many events, then offers to search further back.
WINDOW = 5_000
# Events written at the same moment can have times in another order than their sequence numbers.
SLACK = 1_000
# Where an event has its labels and values.
SEARCHED_TEXTS = ("", "stored_personal_data__")


@dataclass(frozen=True)
class AuditLogQuery(ListQuery):
    """The query of the audit log.

    `actor` is an email address or a person's name, `target` an id or part of a name. `since` and `until`
    are days in UTC, both included. `before` is the sequence number at which the page ends, 0 for the
    newest page.
    """

    actor: str = ""
    act: str = ""
    target: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    before: int = 0

    choices = {"act": dict(Action.choices)}
    arranging = ("sort", "before")

    @classmethod
    def clean(cls, name: str, text: str) -> Any:
        match name:
            case "since" | "until":
                return parse_day(text)
            case "before":
                return parse_number(text)
            case "actor":
                return normalize_email(filter_text(text))
        return super().clean(name, text)

    @property
    def unindexed(self) -> bool:
        """Whether no index narrows the events down, so that each has to be read."""
        return bool(self.q or (self.target and not PUBLIC_ID.fullmatch(self.target)))

    def apply(
        self, events: QuerySet[AuditEvent], organization: Organization
    ) -> QuerySet[AuditEvent]:
        """Returns the events that match; `events` are those of the organization's chain."""
        if self.actor:
            events = filter_by_actor(events, self.actor, organization)
        if self.act:
            events = events.filter(act=self.act)
        if PUBLIC_ID.fullmatch(self.target):
            events = events.filter(target_id=self.target)
        elif self.target:
            events = events.filter(
                Q(target_label__icontains=self.target)
                | Q(stored_personal_data__target_label__icontains=self.target)
                | match_first_line(self.target, "stored_personal_data__search_text")
            )
        if self.since:
            events = events.filter(at__gte=midnight(self.since))
        if self.until:
            events = events.filter(at__lt=midnight(self.until + dt.timedelta(days=1)))
        return filter_by_text(events, self.q, organization) if self.q else events


def filter_by_actor(
    events: QuerySet[AuditEvent], email: str, organization: Organization
) -> QuerySet[AuditEvent]:
    """Returns the events of the user with this email address or name, whatever it was at the time.

    For a user without events here, like for an address without a user, matches the recorded address
    instead: the log must not disclose who has an account.
    """
    if "@" not in email:
        return events.filter(Q(actor__in=find_people(organization, email)) | Q(actor_label=email))
    return events.filter(match_address(events, email))


def match_address(events: QuerySet[AuditEvent], email: str) -> Q:
    """Returns the condition of the events of the user with this address, see `filter_by_actor`."""
    user = User.objects.filter(email=email).first()
    if user and events.filter(actor=user).exists():
        return Q(actor=user)
    # As a subquery, which uses an index: joined, the personal data of all organizations would be read.
    recorded = PersonalData.objects.filter(actor_label=email)
    return Q(actor_label=email) | Q(pk__in=recorded.values("event"))


def parse_day(text: str) -> dt.date | None:
    """Returns the day in a URL's parameter; None if it is invalid or the last day there is."""
    try:
        date = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return None if date == dt.date.max else date


def parse_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def midnight(date: dt.date) -> dt.datetime:
    return dt.datetime.combine(date, dt.time(), dt.UTC)


def filter_by_text(
    events: QuerySet[AuditEvent], text: str, organization: Organization
) -> QuerySet[AuditEvent]:
    """Returns the events with `text` in the actor, action, target or the values before and after."""
    actions = [action for action in Action if fold(text) in fold(f"{action.value} {action.label}")]
    contains = Q(act__in=actions) | Q(target_id=text) | Q(request_id=text)
    contains |= match_words(text, "stored_personal_data__search_text")
    contains |= match_people(organization, text)
    events = annotate_values(events)
    return events.filter(contains | match_unfolded(text))


def annotate_values(events: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
    """Adds the values before and after as text."""
    columns = (f"{prefix}{name}" for prefix in SEARCHED_TEXTS for name in ("before", "after"))
    return events.annotate(**{f"{name}_text": Cast(name, TextField()) for name in columns})


def match_unfolded(text: str) -> Q:
    """Returns the condition for events without a folded text.

    They are of an earlier version, or their personal data was erased.
    """
    folded = "stored_personal_data__search_text"
    contains = Q()
    for prefix in SEARCHED_TEXTS:
        for name in ("actor_label", "target_label", "before_text", "after_text"):
            contains |= Q(**{f"{prefix}{name}__icontains": text})
    return (Q(**{folded: ""}) | Q(**{f"{folded}__isnull": True})) & contains


@dataclass(frozen=True)
class LogPage:
    """A page of the log, newest first. A URL is empty if nothing is newer or older.

    `searched_to` is how far back a text search reached, if there are older events.
    """

    rows: list[AuditEvent]
    total: int
    newest_url: str
    older_url: str
    searched_to: dt.datetime | None
    is_filtered: bool

    @property
    def exact_total(self) -> int:
        """The number of events that match; 0 if it is not known, as for filters."""
        return 0 if self.is_filtered else self.total

    @property
    def start_url(self) -> str:
        return self.newest_url

    @property
    def is_vacated(self) -> bool:
        """Whether nothing is this old, which says nothing about newer events."""
        return bool(not self.rows and self.total and self.newest_url and not self.older_url)


def fetch_log_page(organization: Organization, filters: AuditLogQuery) -> LogPage:
    """Returns the page of the organization's log that `filters` select."""
    chain = AuditChain.objects.get(organization=organization)
    lowest, top = sequence_range(chain, filters)
    bottom = max(lowest, top - WINDOW + 1) if filters.unindexed else lowest
    events = chain.events.with_personal_data()
    inside = events.filter(sequence__range=(bottom, top)).order_by("-sequence")
    matches = list(filters.apply(inside, organization)[: PAGE_SIZE + 1])
    rows, older, searched_to = matches[:PAGE_SIZE], 0, None
    if len(matches) > PAGE_SIZE:
        older = rows[-1].sequence
    elif bottom > lowest:
        older, searched_to = bottom, chain.events.get(sequence=bottom).at
    add_names(organization, rows)
    return LogPage(
        rows,
        chain.length,
        newest_url=(filters.url(before=0) or "?") if filters.before else "",
        older_url=filters.url(before=older) if older else "",
        searched_to=searched_to,
        is_filtered=filters.is_filtered,
    )


def sequence_range(chain: AuditChain, filters: AuditLogQuery) -> tuple[int, int]:
    """Returns the lowest and highest sequence number within the period and the page of `filters`."""
    since = midnight(filters.since) if filters.since else None
    end = midnight(filters.until + dt.timedelta(days=1)) if filters.until else None
    lowest, top = period_range(chain, since, end)
    return lowest, min(top, filters.before - 1) if filters.before else top


def period_range(
    chain: AuditChain, since: dt.datetime | None, end: dt.datetime | None
) -> tuple[int, int]:
    """Returns a lowest and a highest sequence number of the events from `since` until before `end`.

    All of them are between the two, with some others. None stands for no limit.
    """
    lowest, top = 1, chain.length
    if since:
        later = chain.events.filter(at__gte=since).order_by("at")
        first = later.values_list("sequence", flat=True).first()
        lowest = max(1, first - SLACK) if first else chain.length + 1
    if end:
        earlier = chain.events.filter(at__lt=end).order_by("-at")
        last = earlier.values_list("sequence", flat=True).first()
        top = min(top, last + SLACK) if last else 0
    return lowest, top


def export_rows(organization: Organization, filters: AuditLogQuery) -> Iterator[list[object]]:
    """Yields the heading and the events that `filters` select, newest first, as rows of a CSV file."""
    yield [
        "time (UTC)", "actor", "act", "target", "target id",
        "before", "after", "from", "request", "event", "number", "hash", "agent",
        "actor kind", "credential",
    ]  # fmt: skip
    chain = AuditChain.objects.get(organization=organization)
    lowest, top = sequence_range(chain, replace(filters, before=0))
    events = chain.events.with_personal_data()
    inside = events.filter(sequence__range=(lowest, top)).order_by("-sequence")
    for event in filters.apply(inside, organization).iterator(chunk_size=2000):
        yield [
            event.at.isoformat(timespec="seconds"), event.actor_name, event.get_act_display(),
            event.target_name, event.target_id,
            json.dumps(event.values_before, ensure_ascii=False),
            json.dumps(event.values_after, ensure_ascii=False),
            event.client_ip, event.request_id, event.public_id, event.sequence, event.hash,
            event.agent, event.actor_kind, event.credential,
        ]  # fmt: skip


def find_problems(chain: AuditChain) -> Iterator[str]:
    """Yields the problems of a chain: events that were changed, removed, inserted or reordered.

    Events under a pepper that is not configured cannot be verified; each such pepper is one problem.
    """
    expected, previous = 1, ""
    configured, missing = {pepper.id for pepper in peppers()}, set[str]()
    events = chain.events.with_personal_data().order_by("sequence", "pk")
    for event in events.iterator(chunk_size=2000):
        name = f"number {event.sequence} ({event.public_id})"
        if event.sequence != expected:
            yield f"number {expected} is missing (found {event.sequence}, {event.public_id})"
        if event.pepper_id and event.pepper_id not in configured:
            if event.pepper_id not in missing:
                yield f"{name} and others are under a pepper that is not configured ({event.pepper_id})"
            missing.add(event.pepper_id)
        elif not event.is_authentic(previous):
            yield f"{name} was changed"
        if not event.is_personal_data_authentic:
            yield f"{name} has personal data that was changed"
        expected, previous = event.sequence + 1, event.hash
    if (chain.length, chain.head) != (expected - 1, previous):
        yield f"ends at number {expected - 1}, but the chain has {format_count(chain.length, 'event')}"
