"""Reconciles what shows usage with the daily totals: whether pages, files and the billing API give the same.

Each is asked through its own code, a month of an organization at a time.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Max, Min
from django.utils import timezone

from accounts.models import Organization
from accounts.models.principals import Principal
from projects.models import Project
from usage.amounts import COST_DIGITS, QUANTITY_DIGITS
from usage.billing.bill import Bill
from usage.billing.payloads import BilledItem, BilledWindow
from usage.enums import Dimension, Granularity
from usage.models import DailyTotal, LineItem
from usage.reconciliation.records import DAILY as TOTALS
from usage.reconciliation.records import Scope
from usage.reports.periods import Period
from usage.reports.report import Report
from usage.reports.scope import Scope as UsageScope
from usage.reports.summary_csv import exported

WINDOWS = 24  # of the bill that are asked for at once


class Cell(NamedTuple):
    """What is shown for: a line item of a project on a day, by primary keys."""

    project: int
    day: dt.date
    line_item: int


class Shown(NamedTuple):
    """quantity in 10⁻⁶ units, cost in 10⁻¹⁰ USD; requests are 0 where they are not shown."""

    quantity: int = 0
    cost: int = 0
    requests: int = 0

    def __add__(self, other: Any) -> "Shown":
        return Shown(*map(sum, zip(self, other, strict=True)))


Sums = dict[Cell, Shown]


class Differing(NamedTuple):
    """What totals and something that shows them say of one cell."""

    organization: Organization
    cell: Cell
    found: dict[str, Shown]


class Month(NamedTuple):
    """The finished days of a month that are compared, of one organization."""

    organization: Organization
    start: dt.date
    days: tuple[dt.date, dt.date]

    def totals(self) -> Sums:
        rows = DailyTotal.objects.filter(organization=self.organization, day__range=self.days)
        return {
            Cell(*one.key): Shown(one.quantity, one.cost, one.requests)
            for one in rows.summed("project_id", "day", "line_item_id")
        }


def months(scope: Scope) -> Iterator[Month]:
    """The months with usage of the organizations in the scope, up to yesterday."""
    yesterday = timezone.now().astimezone(dt.UTC).date() - dt.timedelta(days=1)
    organizations = Organization.objects.order_by("pk")
    if scope.organization:
        organizations = organizations.filter(pk=scope.organization.pk)
    for organization in organizations.iterator():
        own = scope._replace(organization=organization)
        totals = DailyTotal.objects.filter(**own.filters("day"))
        first, last = totals.aggregate(first=Min("day"), last=Max("day")).values()
        while first and first <= min(last, yesterday):
            start = first.replace(day=1)
            following = (start + dt.timedelta(days=31)).replace(day=1)
            end = min(following - dt.timedelta(days=1), yesterday)
            yield Month(organization, start, (first, end))
            first = following


def differing(month: Month) -> Iterator[Differing]:
    """The cells of a month that something shows otherwise."""
    totals = month.totals()
    known = Known(month.organization, {cell.project for cell in totals})
    for source in SOURCES:
        shown, wanted = source.sums(month, known), source.wanted(month, totals)
        for cell in sorted(wanted.keys() | shown.keys()):
            found = {TOTALS: wanted.get(cell, Shown()), source.name: shown.get(cell, Shown())}
            if len(set(found.values())) > 1:
                yield Differing(month.organization, cell, found)


class Known:
    """What the names that are shown stand for; and the projects with usage in the month."""

    def __init__(self, organization: Organization, projects: set[int]) -> None:
        # Of the pages everything is seen by the Owner.
        self.owner = organization.memberships.owner().user
        self.projects = list(Project.objects.filter(pk__in=projects).order_by("pk"))
        self.ids = dict(organization.projects.values_list("public_id", "pk"))
        rows = LineItem.objects.values_list("product__code", "code", "pk")
        self.slugs = {project.slug: project.pk for project in self.projects}
        self.items = {(product, code): pk for product, code, pk in rows}


def by_api_day(month: Month, known: Known) -> Sums:
    return billed(month, known, None, Granularity.DAY)


def by_api_hour(month: Month, known: Known) -> Sums:
    return billed(month, known, None, Granularity.HOUR)


def by_project_api(month: Month, known: Known) -> Sums:
    """What the keys of the projects read, one project after the other."""
    found: Sums = {}
    for project in known.projects:
        found |= billed(month, known, project, Granularity.DAY)
    return found


def billed(month: Month, known: Known, project: Project | None, granularity: Granularity) -> Sums:
    bill = Bill(month.organization, project, month.start, granularity)
    found: Sums = defaultdict(Shown)
    for window in windows(bill):
        day = dt.date.fromisoformat(window.date)
        if month.days[0] <= day <= month.days[1]:
            for line in window.line_items:
                cell = Cell(known.ids[line.attributes["project_id"]], day, item_of(line, known))
                found[cell] += shown_of(line.quantity, line.cost)
    return found


def windows(bill: Bill) -> Iterator[BilledWindow]:
    """All windows of the bill, page after page, as a program reads it."""
    after = None
    while True:
        page = bill.page(WINDOWS, after)
        yield from page.data
        if not page.next_cursor:
            return
        after = bill.position(page.next_cursor)


def item_of(line: BilledItem, known: Known) -> int:
    return known.items[line.attributes["product_id"], line.pricing_dimensions["line_item"]]


def by_organization_page(month: Month, known: Known) -> Sums:
    """The table of cost analytics, a day at a time."""
    scope = UsageScope(month.organization, Principal.of_user(known.owner), None, sees_all=True)
    found: Sums = defaultdict(Shown)
    for day in days_of(month):
        report = Report(scope, Period(day, day), group_by=Dimension.PROJECT)
        for line in report.lines:
            found[Cell(line.group, day, line.item)] += Shown(*line[-3:])
    return found


def by_project_page(month: Month, known: Known) -> Sums:
    """The tables of the usage pages, the whole month at once."""
    found: Sums = defaultdict(Shown)
    for project in known.projects:
        scope = UsageScope(
            month.organization, Principal.of_user(known.owner), project, sees_all=True
        )
        report = Report(scope, Period(*month.days), group_by=Dimension.LINE_ITEM)
        for line in report.lines:
            found[Cell(project.pk, month.days[0], line.item)] += Shown(*line[-3:])
    return found


def by_file(month: Month, known: Known) -> Sums:
    """The CSV file of cost analytics."""
    scope = UsageScope(month.organization, Principal.of_user(known.owner), None, sees_all=True)
    found: Sums = defaultdict(Shown)
    rows = exported(Report(scope, Period(*month.days), group_by=Dimension.PROJECT))
    next(rows)  # the headings
    for day, _, slug, product, item, _, _, *amounts in rows:
        cell = Cell(
            known.slugs[str(slug)],
            dt.date.fromisoformat(str(day)),
            known.items[str(product), str(item)],
        )
        quantity, cost, requests = map(str, amounts)
        found[cell] += shown_of(quantity, cost, int(requests))
    return found


def days_of(month: Month) -> list[dt.date]:
    first, last = month.days
    return [first + dt.timedelta(days=n) for n in range((last - first).days + 1)]


def shown_of(quantity: str, cost: str, requests: int = 0) -> Shown:
    """Decimals as whole numbers; they have no further digits."""
    return Shown(
        int(Decimal(quantity).scaleb(QUANTITY_DIGITS)),
        int(Decimal(cost).scaleb(COST_DIGITS)),
        requests,
    )


class Source(NamedTuple):
    """Something that shows usage; `sums` asks it."""

    name: str
    sums: Callable[[Month, Known], Sums]
    by_day: bool = True
    shows_requests: bool = True

    def wanted(self, month: Month, totals: Sums) -> Sums:
        """What it has to show, as fine as it does."""
        found: Sums = defaultdict(Shown)
        for cell, amounts in totals.items():
            key = cell if self.by_day else cell._replace(day=month.days[0])
            found[key] += amounts if self.shows_requests else amounts._replace(requests=0)
        return found


SOURCES = [
    Source("cost analytics", by_organization_page),
    Source("usage page from then on", by_project_page, by_day=False),
    Source("CSV file", by_file),
    Source("billing API by day", by_api_day, shows_requests=False),
    Source("billing API by hour", by_api_hour, shows_requests=False),
    Source("billing API of the project", by_project_api, shows_requests=False),
]
