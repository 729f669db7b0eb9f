"""Compares everything that reports usage with the daily totals: pages, files and the billing API.

Each surface reads a month of an organization through its own code. The rows are compared before they are
formatted; tests/usage/reconciliation/test_surfaces.py compares the text that people and programs get.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import NamedTuple

from django.db.models import Max, Min
from django.utils import timezone

from accounts.models import Organization
from accounts.models.principals import Principal
from projects.models import Project
from usage.amounts import Amounts
from usage.billing.bill import Bill
from usage.enums import Dimension, Granularity
from usage.ids import LineItemId, ProjectId
from usage.models import DailyTotal
from usage.periods import Period
from usage.reconciliation.records import DAILY, ReconciliationScope
from usage.reports.files.summary import read_summary
from usage.reports.report import Report
from usage.reports.scope import UsageScope

BILL_WINDOWS = 24  # read at once


class Cell(NamedTuple):
    """What amounts are compared for: a line item of a project on a day."""

    project_id: ProjectId
    day: dt.date
    line_item_id: LineItemId


Sums = dict[Cell, Amounts]


class SurfaceFinding(NamedTuple):
    """A cell in which a surface differs from the totals, with the amounts of both."""

    organization: Organization
    cell: Cell
    amounts: dict[str, Amounts]


class MonthScope(NamedTuple):
    """The finished days with usage in a month of an organization."""

    organization: Organization
    start: dt.date
    period: Period

    def sum_totals(self) -> Sums:
        rows = DailyTotal.objects.filter(organization=self.organization, day__range=self.period)
        return {total.key: total.amounts for total in rows.sum_by(Cell)}

    def find_projects(self) -> list[Project]:
        """Returns the projects with usage in the month."""
        rows = DailyTotal.objects.filter(organization=self.organization, day__range=self.period)
        return list(Project.objects.filter(pk__in=rows.values("project_id")).order_by("pk"))

    def scope_pages(self, project: Project | None = None) -> UsageScope:
        """Returns the scope of a page that the Owner opens."""
        owner = self.organization.memberships.owner().user
        return UsageScope(self.organization, Principal.of_absent(owner), project, sees_all=True)


def list_months(scope: ReconciliationScope) -> Iterator[MonthScope]:
    """Yields the months with usage of the organizations in the scope, up to yesterday."""
    yesterday = timezone.now().astimezone(dt.UTC).date() - dt.timedelta(days=1)
    organizations = Organization.objects.order_by("pk")
    if scope.organization:
        organizations = organizations.filter(pk=scope.organization.pk)
    for organization in organizations.iterator():
        own = scope._replace(organization=organization)
        totals = DailyTotal.objects.filter(**own.build_filters("day"))
        first, last = totals.aggregate(first=Min("day"), last=Max("day")).values()
        while first and first <= min(last, yesterday):
            start = first.replace(day=1)
            following = (start + dt.timedelta(days=31)).replace(day=1)
            end = min(following - dt.timedelta(days=1), yesterday)
            yield MonthScope(organization, start, Period(first, end))
            first = following


def find_differences(month: MonthScope) -> Iterator[SurfaceFinding]:
    """Yields the cells of a month in which a surface differs from the daily totals."""
    totals = month.sum_totals()
    for surface in SURFACES:
        sums, expected = surface.read(month), surface.adapt_totals(month, totals)
        for cell in sorted(expected.keys() | sums.keys()):
            amounts = {
                DAILY: expected.get(cell, Amounts()),
                surface.name: sums.get(cell, Amounts()),
            }
            if len(set(amounts.values())) > 1:
                yield SurfaceFinding(month.organization, cell, amounts)


def read_daily_bill(month: MonthScope) -> Sums:
    return sum_bill(month, None, Granularity.DAY)


def read_hourly_bill(month: MonthScope) -> Sums:
    return sum_bill(month, None, Granularity.HOUR)


def read_project_bills(month: MonthScope) -> Sums:
    """Reads what the keys of the projects can read, one project after the other."""
    sums: Sums = {}
    for project in month.find_projects():
        sums |= sum_bill(month, project, Granularity.DAY)
    return sums


def sum_bill(month: MonthScope, project: Project | None, granularity: Granularity) -> Sums:
    bill = Bill(month.organization, project, month.start, granularity)
    sums: Sums = defaultdict(Amounts)
    for window in bill.iterate_windows(BILL_WINDOWS):
        day = window.start.date()
        if month.period.start <= day <= month.period.end:
            for line in window.lines:
                cell = Cell(line.key.project_id, day, line.key.line_item_id)
                amounts = Amounts(quantity=line.quantity, cost=line.cost)
                sums[cell] = sums[cell].plus(amounts)
    return sums


def read_cost_analytics(month: MonthScope) -> Sums:
    """Reads the table of cost analytics, one day at a time."""
    scope = month.scope_pages()
    sums: Sums = defaultdict(Amounts)
    for day in month.period.each_day():
        report = Report(scope, Period(day, day), group_by=Dimension.PROJECT)
        for line in report.lines:
            cell = Cell(ProjectId(line.group), day, line.item)
            sums[cell] = sums[cell].plus(line.amounts)
    return sums


def read_usage_pages(month: MonthScope) -> Sums:
    """Reads the tables of the usage pages, the whole month at once."""
    sums: Sums = defaultdict(Amounts)
    for project in month.find_projects():
        report = Report(month.scope_pages(project), month.period, group_by=Dimension.LINE_ITEM)
        for line in report.lines:
            cell = Cell(ProjectId(project.pk), month.period.start, line.item)
            sums[cell] = sums[cell].plus(line.amounts)
    return sums


def read_summary_file(month: MonthScope) -> Sums:
    """Reads the rows of the CSV file of cost analytics."""
    report = Report(month.scope_pages(), month.period, group_by=Dimension.PROJECT)
    sums: Sums = defaultdict(Amounts)
    for row in read_summary(report):
        cell = Cell(ProjectId(row.line.group), row.period, row.line.item)
        sums[cell] = sums[cell].plus(row.line.amounts)
    return sums


class Surface(NamedTuple):
    """Something that reports usage, and what it reports."""

    name: str
    read: Callable[[MonthScope], Sums]
    by_day: bool = True
    has_requests: bool = True

    def adapt_totals(self, month: MonthScope, totals: Sums) -> Sums:
        """Returns the totals as the surface has to report them."""
        sums: Sums = defaultdict(Amounts)
        for cell, amounts in totals.items():
            key = cell if self.by_day else cell._replace(day=month.period.start)
            reported = amounts if self.has_requests else amounts._replace(requests=0)
            sums[key] = sums[key].plus(reported)
        return sums


SURFACES = [
    Surface("cost analytics", read_cost_analytics),
    Surface("usage page from then on", read_usage_pages, by_day=False),
    Surface("CSV file", read_summary_file),
    Surface("billing API by day", read_daily_bill, has_requests=False),
    Surface("billing API by hour", read_hourly_bill, has_requests=False),
    Surface("billing API of the project", read_project_bills, has_requests=False),
]
