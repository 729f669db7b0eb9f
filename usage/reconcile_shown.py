"""Reconciles what shows usage with the daily totals: whether the billing API gives the same.

Each is asked in its own way, a month of an organization at a time.
"""

import datetime as dt
from collections import Counter
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Max, Min
from django.utils import timezone

from accounts.models import Organization
from projects.models import Project
from usage.amounts import COST_DIGITS, QUANTITY_DIGITS
from usage.billing import Bill
from usage.enums import Granularity
from usage.models import DailyTotal, LineItem
from usage.reconcile import Scope

WINDOWS = 24  # of the bill that are asked for at once


class Cell(NamedTuple):
    """What is shown for: a line item of a project on a day, by primary keys."""

    project: int
    day: dt.date
    line_item: int


class Shown(NamedTuple):
    """quantity in 10⁻⁶ units, cost in 10⁻¹⁰ USD."""

    quantity: int = 0
    cost: int = 0


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
            Cell(*one.key): Shown(one.quantity, one.cost)
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
    for name, shown_by in SOURCES.items():
        shown = shown_by(month, known)
        for cell in sorted(totals.keys() | shown.keys()):
            found = {"daily totals": totals.get(cell, Shown()), name: shown.get(cell, Shown())}
            if len(set(found.values())) > 1:
                yield Differing(month.organization, cell, found)


class Known:
    """What the names that are shown stand for; and the projects with usage in the month."""

    def __init__(self, organization: Organization, projects: set[int]) -> None:
        self.projects = list(Project.objects.filter(pk__in=projects).order_by("pk"))
        self.ids = dict(organization.projects.values_list("public_id", "pk"))
        rows = LineItem.objects.values_list("product__code", "code", "pk")
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
    quantities: Counter[Cell] = Counter()
    costs: Counter[Cell] = Counter()
    for window in windows(bill):
        day = dt.date.fromisoformat(window["date"])
        if month.days[0] <= day <= month.days[1]:
            for line in window["line_items"]:
                cell = Cell(known.ids[line["attributes"]["project_id"]], day, item_of(line, known))
                quantities[cell] += whole(line["quantity"], QUANTITY_DIGITS)
                costs[cell] += whole(line["cost"], COST_DIGITS)
    return {cell: Shown(quantities[cell], costs[cell]) for cell in quantities}


def windows(bill: Bill) -> Iterator[dict[str, Any]]:
    """All windows of the bill, page after page, as a program reads it."""
    after = None
    while True:
        page = bill.page(WINDOWS, after)
        yield from page["data"]
        if not page["next_cursor"]:
            return
        after = bill.position(page["next_cursor"])


def item_of(line: dict[str, Any], known: Known) -> int:
    return known.items[line["attributes"]["product_id"], line["pricing_dimensions"]["line_item"]]


def whole(text: str, digits: int) -> int:
    """A decimal as a whole number of 10^-digits; it has no further digits."""
    return int(Decimal(text).scaleb(digits))


SOURCES: dict[str, Callable[[Month, Known], Sums]] = {
    "billing API by day": by_api_day,
    "billing API by hour": by_api_hour,
    "billing API of the project": by_project_api,
}
