"""What a re-attribution would move: past usage that is not where it was meant to be."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Case, F, Q, Sum, Value, When

from projects.models import Project
from usage.amounts import COST_DIGITS, text_of
from usage.attribution import Place
from usage.enums import RecordKind
from usage.models import DailyTotal, Product, UsageRecord

ELSEWHERE = ~Q(meant_project_id=F("project_id"))
# So that the audit log of an organization with very many projects stays readable.
NAMED = 20


class Line(NamedTuple):
    """Usage that stands in one project and is meant for another: events, and cost in 10⁻¹⁰ USD."""

    source: Place
    target: Place
    records: int
    cost: int


class Period(NamedTuple):
    """UTC days, both included."""

    first_day: dt.date
    last_day: dt.date

    @property
    def start(self) -> dt.datetime:
        return dt.datetime.combine(self.first_day, dt.time(), dt.UTC)

    @property
    def end(self) -> dt.datetime:
        return dt.datetime.combine(self.last_day + dt.timedelta(days=1), dt.time(), dt.UTC)


def to_move(product: Product, period: Period) -> list[Line]:
    """What would be moved, the costliest first. Reads the totals and, if they have any, every record."""
    costs = costs_elsewhere(product, period)
    if not costs:
        return []
    lines = [
        Line(Place(*place[:2]), Place(*place[2:]), live, costs.get((place[1], place[3]), 0))
        for *place, live in live_elsewhere(product, period)
    ]
    return sorted(lines, key=lambda line: (-line.cost, -line.records, line))


def costs_elsewhere(product: Product, period: Period) -> dict[tuple[int, int], int]:
    """By the project it is in, and the one it is meant for."""
    found = DailyTotal.objects.filter(
        ELSEWHERE, line_item__product=product, day__range=period
    ).exclude(meant_project_id=0)
    rows = found.summed("project_id", "meant_project_id")
    return {(row.key[0], row.key[1]): row.cost for row in rows}


def live_elsewhere(product: Product, period: Period) -> Iterable[tuple[int, ...]]:
    """Where usage is, where it is meant to be, and how many events of it are there and not void.

    A void stands where its event is and a move takes the event out and in, so that counting them
    with their signs counts the events.
    """
    live = Sum(
        Case(
            When(kind__in=(RecordKind.USAGE, RecordKind.MOVED_IN), then=Value(1)),
            When(kind__in=(RecordKind.VOID, RecordKind.MOVED_OUT), then=Value(-1)),
            default=Value(0),
        )
    )
    places = ("organization_id", "project_id", "meant_organization_id", "meant_project_id")
    grouped = inside(product, period).order_by().values_list(*places).annotate(live=live)
    return [row for row in grouped if row[-1] > 0]


def inside(product: Product, period: Period) -> Any:
    """The records of a product in a period whose place is not the meant one."""
    return UsageRecord.objects.filter(
        ELSEWHERE,
        line_item__in=list(product.line_items.values_list("pk", flat=True)),
        time__gte=period.start,
        time__lt=period.end,
        meant_project_id__isnull=False,
    )


def organizations_of(lines: Iterable[Line]) -> list[int]:
    """In the order in which their audit logs are written to."""
    return sorted({place.organization for line in lines for place in (line.source, line.target)})


def projects_of(lines: Iterable[Line]) -> dict[int, Project]:
    wanted = {place.project for line in lines for place in (line.source, line.target)}
    return Project.objects.select_related("organization").in_bulk(list(wanted))


def sums(lines: Iterable[Line]) -> dict[str, Any]:
    lines = list(lines)
    return {
        "records": sum(line.records for line in lines),
        "cost_usd": text_of(sum(line.cost for line in lines), COST_DIGITS),
    }


def facts_for(organization: int, lines: list[Line], projects: dict[int, Project]) -> dict[str, Any]:
    """What the audit log of one organization says: of others it names no more than the shared project."""
    own = [
        line
        for line in lines
        if organization in (line.source.organization, line.target.organization)
    ]
    left = {
        projects[line.source.project].slug
        if line.source.organization == organization
        else "another organization"
        for line in own
    }
    entered = {projects[line.target.project].slug for line in own}
    return {**sums(own), "out_of": few(left), "into": few(entered)}


def few(names: set[str]) -> list[str]:
    ordered = sorted(names)
    more = len(ordered) - NAMED
    return [*ordered[:NAMED], f"{more:,} more"] if more > 0 else ordered
