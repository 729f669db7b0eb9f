"""What a reattribution would move: past usage that is not billed to its intended project."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from django.db.models import Case, F, Max, Min, Q, QuerySet, Sum, Value, When

from projects.models import Project
from usage.amounts import COST_DIGITS, format_decimal
from usage.attribution import Location
from usage.enums import RecordKind
from usage.ids import OrganizationId, ProjectId
from usage.models import DailyTotal, Product, Series, UsageRecord
from usage.periods import Period

NOT_IN_INTENDED_PROJECT = ~Q(intended_project_id=F("project_id"))
# Keeps the audit log of an organization with very many projects readable.
MAX_NAMED_PROJECTS = 20


class PlannedMove(NamedTuple):
    """Usage that is billed to one project and intended for another. The cost is in 10⁻¹⁰ USD."""

    source: Location
    target: Location
    records: int
    cost: int

    @property
    def organizations(self) -> set[OrganizationId]:
        return {self.source.organization, self.target.organization}


class ProjectPair(NamedTuple):
    """The project that usage is billed to, and the intended one."""

    project_id: ProjectId
    intended_project_id: ProjectId


def plan_moves(product: Product, period: Period) -> list[PlannedMove]:
    """Returns what would be moved, the most expensive first.

    Reads the totals and, if they have any such usage, every record of the product in the period.
    """
    costs = sum_costs(product, period)
    if not costs:
        return []
    moves = [
        PlannedMove(
            source=source,
            target=target,
            records=count,
            cost=costs.get(ProjectPair(source.project, target.project), 0),
        )
        for source, target, count in count_events(product, period)
    ]
    return sorted(moves, key=lambda move: (-move.cost, -move.records, move))


def find_movable_period(product: Product) -> Period | None:
    """Returns the UTC days of all usage of the product that could be moved; None if there is none."""
    totals = DailyTotal.objects.filter(NOT_IN_INTENDED_PROJECT, line_item__product=product)
    days = totals.exclude(intended_project_id=0).aggregate(first=Min("day"), last=Max("day"))
    return Period(days["first"], days["last"]) if days["first"] else None


def sum_costs(product: Product, period: Period) -> dict[ProjectPair, int]:
    totals = DailyTotal.objects.filter(
        NOT_IN_INTENDED_PROJECT, line_item__product=product, day__range=period
    ).exclude(intended_project_id=0)
    return {total.key: total.cost for total in totals.sum_by(ProjectPair)}


def count_events(product: Product, period: Period) -> list[tuple[Location, Location, int]]:
    """Returns where usage is billed, where it was intended to be, and the number of events not void.

    A void is billed to the same project as its event, and a move takes the event out and in, so the sum of
    their signs is the number of events.
    """
    live = Sum(
        Case(
            When(series__kind__in=(RecordKind.USAGE, RecordKind.MOVED_IN), then=Value(1)),
            When(series__kind__in=(RecordKind.VOID, RecordKind.MOVED_OUT), then=Value(-1)),
            default=Value(0),
        )
    )
    rows = find_records(product, period).order_by()
    grouped = rows.values_list(
        *("series__organization_id", "series__project_id"),
        *("series__intended_organization_id", "series__intended_project_id"),
    ).annotate(live=live)
    return [
        (
            Location(organization=OrganizationId(organization), project=ProjectId(project)),
            Location(OrganizationId(intended_organization), ProjectId(intended_project or 0)),
            count,
        )
        for organization, project, intended_organization, intended_project, count in grouped
        if count > 0
    ]


def find_records(product: Product, period: Period) -> QuerySet[UsageRecord]:
    """Returns the records of a product in a period that are not billed to their intended project."""
    start, end = period.moments
    series = Series.objects.filter(
        NOT_IN_INTENDED_PROJECT,
        line_item__in=list(product.line_items.values_list("pk", flat=True)),
        intended_project_id__isnull=False,
    )
    return UsageRecord.objects.filter(series__in=series, time__gte=start, time__lt=end)


def list_organizations(moves: Iterable[PlannedMove]) -> list[OrganizationId]:
    """Returns the affected organizations in the order in which their audit logs are written."""
    return sorted({organization for move in moves for organization in move.organizations})


def fetch_projects(moves: Iterable[PlannedMove]) -> dict[int, Project]:
    projects = {location.project for move in moves for location in (move.source, move.target)}
    return Project.objects.select_related("organization").in_bulk(list(projects))


def summarize(moves: Sequence[PlannedMove]) -> dict[str, Any]:
    """Returns the number of events and their cost, as the audit log has them."""
    return {
        "records": sum(move.records for move in moves),
        "cost_usd": format_decimal(sum(move.cost for move in moves), COST_DIGITS),
    }


def select_moves(organization: OrganizationId, moves: Iterable[PlannedMove]) -> list[PlannedMove]:
    """Returns the moves out of and into the organization."""
    return [move for move in moves if organization in move.organizations]


def build_audit_facts(
    organization: OrganizationId, own: Sequence[PlannedMove], projects: dict[int, Project]
) -> dict[str, Any]:
    """Returns what the audit log of an organization records of `own` moves, naming no other organization."""
    sources = {
        projects[move.source.project].slug
        if move.source.organization == organization
        else "another organization"
        for move in own
    }
    targets = {projects[move.target.project].slug for move in own}
    return {**summarize(own), "out_of": shorten(sources), "into": shorten(targets)}


def shorten(names: set[str]) -> list[str]:
    ordered = sorted(names)
    more = len(ordered) - MAX_NAMED_PROJECTS
    return [*ordered[:MAX_NAMED_PROJECTS], f"{more:,} more"] if more > 0 else ordered
