"""Reads the audit log: what an organization's log shows, and whether its chain is whole.

An organization can have a million events, so nothing here counts or sorts them: numbers within a
chain have no holes, and pages walk them from the end.
"""

import datetime as dt
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Self
from urllib.parse import urlencode

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.http import QueryDict

from accounts.crypto.peppers import peppers
from accounts.enums import Action
from accounts.models import AuditChain, AuditEvent, Organization, User
from accounts.validators import normalize_email
from accounts.web.sorting import filter_text

PAGE_SIZE = 50
PUBLIC_ID = re.compile(r"[a-z]+_[0-9A-Za-z]{20}")
# Free text has no index: one page looks through so many events, then offers to look further back.
WINDOW = 5_000
# Two events written at the same moment can have their times the other way round.
SLACK = 1_000


@dataclass(frozen=True)
class AuditLogQuery:
    """The filter of the log as its address has it; what it does not know is dropped.

    `actor` is an address, `target` an id or part of a name; `since` and `until` are days in UTC,
    both included. `before` is the number of the event that a page ends at, 0 for the newest.
    """

    q: str = ""
    actor: str = ""
    act: str = ""
    target: str = ""
    since: dt.date | None = None
    until: dt.date | None = None
    before: int = 0

    @classmethod
    def of(cls, query: QueryDict) -> Self:
        act = query.get("act", "")
        return cls(
            q=filter_text(query.get("q", "")),
            actor=normalize_email(filter_text(query.get("actor", ""))),
            act=act if act in Action.values else "",
            target=filter_text(query.get("target", "")),
            since=parse_day(query.get("since", "")),
            until=parse_day(query.get("until", "")),
            before=parse_number(query.get("before", "")),
        )

    @property
    def active(self) -> bool:
        return replace(self, before=0) != type(self)()

    @property
    def unindexed(self) -> bool:
        """Whether every event has to be read to know if it is meant."""
        return bool(self.q or (self.target and not PUBLIC_ID.fullmatch(self.target)))

    def url(self, **other: str | int) -> str:
        """The address of the log with this filter, from its end unless `other` says where."""
        kept = {"q": self.q, "actor": self.actor, "act": self.act, "target": self.target}
        kept |= {"since": str(self.since or ""), "until": str(self.until or "")}
        return "?" + urlencode({k: v for k, v in {**kept, **other}.items() if v})

    def apply(self, events: QuerySet[AuditEvent]) -> QuerySet[AuditEvent]:
        """The events it lets through; `events` are those of one chain."""
        if self.actor:
            events = filter_by_actor(events, self.actor)
        if self.act:
            events = events.filter(act=self.act)
        if PUBLIC_ID.fullmatch(self.target):
            events = events.filter(target_id=self.target)
        elif self.target:
            events = events.filter(
                Q(target_label__icontains=self.target)
                | Q(stored_personal_data__target_label__icontains=self.target)
            )
        if self.since:
            events = events.filter(at__gte=midnight(self.since))
        if self.until:
            events = events.filter(at__lt=midnight(self.until + dt.timedelta(days=1)))
        return filter_by_text(events, self.q) if self.q else events


def filter_by_actor(events: QuerySet[AuditEvent], address: str) -> QuerySet[AuditEvent]:
    """Those of the person with that address, who may have had another before; else those under it.

    Somebody who did nothing here is as good as nobody: the log does not say who has an account.
    """
    person = User.objects.filter(email=address).first()
    own = events.filter(actor=person)
    if person and own.exists():
        return own
    return events.filter(Q(actor_label=address) | Q(stored_personal_data__actor_label=address))


def parse_day(text: str) -> dt.date | None:
    """The day in an address; None for what is none, and for the one that no day follows."""
    try:
        found = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return None if found == dt.date.max else found


def parse_number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else 0


def midnight(date: dt.date) -> dt.datetime:
    return dt.datetime.combine(date, dt.time(), dt.UTC)


def filter_by_text(events: QuerySet[AuditEvent], text: str) -> QuerySet[AuditEvent]:
    """Those with `text` in who, what, target, before, after or the address it was done from."""
    acts = [act for act in Action if text.lower() in f"{act.value} {act.label}".lower()]
    contains = Q(act__in=acts) | Q(target_id=text) | Q(request_id=text)
    for place in ("", "stored_personal_data__"):
        events = events.annotate(
            **{
                f"{name}_{place}text": Cast(place + name, TextField())
                for name in ("before", "after")
            }
        )
        contains |= Q(**{f"{place}actor_label__icontains": text})
        contains |= Q(**{f"{place}target_label__icontains": text})
        contains |= Q(**{f"before_{place}text__icontains": text})
        contains |= Q(**{f"after_{place}text__icontains": text})
    return events.filter(contains)


@dataclass(frozen=True)
class LogPage:
    """A page of the log, newest first; '' where there is nothing newer or older.

    `searched_to` is the moment text was looked for back to, when there is more beyond it.
    """

    rows: list[AuditEvent]
    total: int
    newest_url: str
    older_url: str
    searched_to: dt.datetime | None


def fetch_log_page(organization: Organization, filters: AuditLogQuery) -> LogPage:
    """The page of the organization's log that `filters` ask for."""
    chain = AuditChain.objects.get(organization=organization)
    lowest, top = sequence_range(chain, filters)
    bottom = max(lowest, top - WINDOW + 1) if filters.unindexed else lowest
    events = chain.events.with_personal_data()
    inside = events.filter(sequence__range=(bottom, top)).order_by("-sequence")
    found = list(filters.apply(inside)[: PAGE_SIZE + 1])
    rows, older, searched_to = found[:PAGE_SIZE], 0, None
    if len(found) > PAGE_SIZE:
        older = rows[-1].sequence
    elif bottom > lowest:
        older, searched_to = bottom, chain.events.get(sequence=bottom).at
    return LogPage(
        rows,
        chain.length,
        newest_url=filters.url() if filters.before else "",
        older_url=filters.url(before=older) if older else "",
        searched_to=searched_to,
    )


def sequence_range(chain: AuditChain, filters: AuditLogQuery) -> tuple[int, int]:
    """The lowest and the highest number that the period and the page allow."""
    lowest, top = 1, chain.length
    if filters.since:
        later = chain.events.filter(at__gte=midnight(filters.since)).order_by("at")
        first = later.values_list("sequence", flat=True).first()
        lowest = max(1, first - SLACK) if first else chain.length + 1
    if filters.until:
        end = midnight(filters.until + dt.timedelta(days=1))
        earlier = chain.events.filter(at__lt=end).order_by("-at")
        last = earlier.values_list("sequence", flat=True).first()
        top = min(top, last + SLACK) if last else 0
    return lowest, min(top, filters.before - 1) if filters.before else top


def export_rows(organization: Organization, filters: AuditLogQuery) -> Iterator[list[object]]:
    """The heading and every event of the log that `filters` let through, newest first."""
    yield [
        "time (UTC)", "actor", "act", "target", "target id",
        "before", "after", "from", "request", "event", "number", "hash",
    ]  # fmt: skip
    chain = AuditChain.objects.get(organization=organization)
    lowest, top = sequence_range(chain, replace(filters, before=0))
    events = chain.events.with_personal_data()
    inside = events.filter(sequence__range=(lowest, top)).order_by("-sequence")
    for event in filters.apply(inside).iterator(chunk_size=2000):
        yield [
            event.at.isoformat(timespec="seconds"), event.actor_name, event.get_act_display(),
            event.target_name, event.target_id,
            json.dumps(event.values_before), json.dumps(event.values_after),
            event.client_ip, event.request_id, event.public_id, event.sequence, event.hash,
        ]  # fmt: skip


def find_problems(chain: AuditChain) -> Iterator[str]:
    """What is wrong with a chain: events changed, removed, inserted or out of their order.

    Events under a pepper that is not given are one problem for all of that pepper: nobody can tell.
    """
    expected, previous = 1, ""
    given, missing = {pepper.id for pepper in peppers()}, set[str]()
    events = chain.events.with_personal_data().order_by("sequence", "pk")
    for event in events.iterator(chunk_size=2000):
        name = f"number {event.sequence} ({event.public_id})"
        if event.sequence != expected:
            yield f"number {expected} is missing (found {event.sequence}, {event.public_id})"
        if event.pepper_id and event.pepper_id not in given:
            if event.pepper_id not in missing:
                yield f"{name} and others are under a pepper that is not given ({event.pepper_id})"
            missing.add(event.pepper_id)
        elif not event.is_authentic(previous):
            yield f"{name} is not what was written"
        if not event.is_personal_data_authentic:
            yield f"{name} has other personal data than was written"
        expected, previous = event.sequence + 1, event.hash
    if (chain.length, chain.head) != (expected - 1, previous):
        yield f"ends at number {expected - 1}, but {chain.length} events were written"
