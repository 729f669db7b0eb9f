"""The bill of a month in windows of a day or an hour, as the official client reads it."""

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.utils import timezone

from accounts.models import Organization, User
from accounts.web.cursors import decode_cursor, encode_cursor
from keys.models import ApiKey
from projects.models import Project
from usage.amounts import COST_DIGITS, PRICE_DIGITS, QUANTITY_DIGITS, format_decimal
from usage.billing.payloads import BilledItem, BilledWindow, BillPage
from usage.enums import Granularity
from usage.ids import KeyId, LineItemId, ModelId, ProjectId, UserId
from usage.ledger.lookup import format_utc
from usage.models import DailyTotal, HourlyTotal, LineItem, ModelName
from usage.models.totals import DayKey, Total, TotalQuerySet

LENGTH = {Granularity.DAY: dt.timedelta(days=1), Granularity.HOUR: dt.timedelta(hours=1)}


class BillKey(NamedTuple):
    """What the lines of a window are summed by."""

    line_item_id: LineItemId
    model_id: ModelId
    unit_price: int
    project_id: ProjectId
    api_key_id: KeyId
    user_id: UserId


class HourKey(NamedTuple):
    hour: dt.datetime


class BillWindow(NamedTuple):
    """A day or an hour with its lines; `start` is its first moment in UTC."""

    start: dt.datetime
    lines: list[Total[BillKey]]


@dataclass(frozen=True)
class Bill:
    """The finished windows with usage in one month of an organization or of one of its projects."""

    organization: Organization
    project: Project | None
    month: dt.date
    granularity: Granularity

    @property
    def totals(self) -> TotalQuerySet:
        """The totals of all windows of the month that are over."""
        start = dt.datetime.combine(self.month, dt.time(), dt.UTC)
        end = min(find_next_month(start), self.find_current_window(timezone.now()))
        if self.granularity == Granularity.DAY:
            totals = DailyTotal.objects.filter(day__gte=start.date(), day__lt=end.date())
        else:
            totals = HourlyTotal.objects.filter(hour__gte=start, hour__lt=end)
        totals = totals.filter(organization=self.organization)
        return totals.filter(project=self.project) if self.project else totals

    def find_current_window(self, now: dt.datetime) -> dt.datetime:
        """Returns the start of the window that is not over yet."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        return hour if self.granularity == Granularity.HOUR else hour.replace(hour=0)

    def list_starts(self) -> list[dt.datetime]:
        """Returns the starts of the windows with usage, without those whose usage was voided or moved."""
        if self.granularity == Granularity.DAY:
            days = self.totals.sum_by(DayKey)
            return [get_start(total.key.day) for total in days if total.quantity or total.cost]
        hours = self.totals.sum_by(HourKey)
        return [total.key.hour for total in hours if total.quantity or total.cost]

    def read_windows(self, starts: Sequence[dt.datetime]) -> list[BillWindow]:
        """Returns the windows with these starts, which follow each other in `list_starts`."""
        if not starts:
            return []
        if self.granularity == Granularity.DAY:
            days = (starts[0].date(), starts[-1].date())
            sums = self.totals.filter(day__range=days).sum_by_period("day", BillKey)
        else:
            hours = (starts[0], starts[-1])
            sums = self.totals.filter(hour__range=hours).sum_by_period("hour", BillKey)
        lines = {
            get_start(period): [total for total in totals if total.quantity or total.cost]
            for period, totals in sums
        }
        return [BillWindow(start, lines[start]) for start in starts]

    def iterate_windows(self, size: int) -> Iterator[BillWindow]:
        """Yields all windows, of which it reads `size` at a time."""
        starts = self.list_starts()
        for first in range(0, len(starts), size):
            yield from self.read_windows(starts[first : first + size])

    def build_page(self, limit: int, after: dt.datetime | None) -> BillPage:
        """Returns the answer of the API for `limit` windows that start later than `after`."""
        starts = self.list_starts()
        rest = [start for start in starts if after is None or start > after]
        on_page, length = rest[:limit], LENGTH[self.granularity]
        return BillPage(
            object="list",
            organization_id=self.organization.public_id,
            billing_period=f"{self.month:%Y-%m}",
            currency="USD",
            earliest_window_start=format_utc(starts[0]) if starts else None,
            latest_window_end=format_utc(starts[-1] + length) if starts else None,
            data=self.format_windows(self.read_windows(on_page)),
            next_cursor=self.build_cursor(on_page[-1]) if len(rest) > limit else None,
        )

    def format_windows(self, windows: Sequence[BillWindow]) -> list[BilledWindow]:
        names = BillNames(line.key for window in windows for line in window.lines)
        return [
            BilledWindow(
                date=f"{window.start:%Y-%m-%d}",
                start_time=format_utc(window.start),
                end_time=format_utc(window.start + LENGTH[self.granularity]),
                line_items=[names.format_line(line) for line in window.lines],
            )
            for window in windows
        ]

    def build_cursor(self, start: dt.datetime) -> str:
        """Returns a cursor for the windows after `start`, of the same month and granularity."""
        return encode_cursor(*self.cursor_scope, format_utc(start))

    @property
    def cursor_scope(self) -> list[str]:
        return [f"{self.month:%Y-%m}", self.granularity.value]

    def parse_cursor(self, cursor: str) -> dt.datetime:
        """Returns the start that a cursor encodes. Raises ValueError if it is not a cursor of this bill."""
        *scope, text = decode_cursor(cursor)
        start = dt.datetime.fromisoformat(str(text))
        if scope != self.cursor_scope or start.tzinfo is None:
            raise ValueError("a cursor of another month or granularity")
        return start


class BillNames:
    """The names and public ids of what lines are about."""

    def __init__(self, keys: Iterable[BillKey]) -> None:
        keys = list(keys)
        items = {key.line_item_id for key in keys}
        self.items = LineItem.objects.select_related("product").in_bulk(items)
        self.models = ModelName.objects.in_bulk({key.model_id for key in keys})
        self.projects = fetch_public_ids(Project, {key.project_id for key in keys})
        self.keys = fetch_public_ids(ApiKey, {key.api_key_id for key in keys})
        self.users = fetch_public_ids(User, {key.user_id for key in keys})

    def format_line(self, line: Total[BillKey]) -> BilledItem:
        """Returns a line as the API has it; decimals are text."""
        key = line.key
        line_item, model_name = self.items[key.line_item_id], self.models[key.model_id].name
        attributes = {"product_id": line_item.product.code}
        attributes["project_id"] = self.projects[key.project_id]
        if key.api_key_id:
            attributes["api_key_id"] = self.keys[key.api_key_id]
        if key.user_id:
            attributes["user_id"] = self.users[key.user_id]
        return BilledItem(
            product_name=line_item.product.name,
            quantity=format_decimal(line.quantity, QUANTITY_DIGITS),
            unit_price=format_decimal(key.unit_price, PRICE_DIGITS),
            cost=format_decimal(line.cost, COST_DIGITS),
            pricing_dimensions={
                **({"model": model_name} if model_name else {}),
                "line_item": line_item.code,
                "unit": line_item.unit,
            },
            attributes=attributes,
        )


def fetch_public_ids(table: Any, pks: Iterable[int]) -> dict[int, str]:
    rows = table.objects.filter(pk__in=[pk for pk in pks if pk])
    return dict(rows.values_list("pk", "public_id"))


def get_start(period: dt.date) -> dt.datetime:
    """Returns the first moment of a day; an hour is that already."""
    if isinstance(period, dt.datetime):
        return period
    return dt.datetime.combine(period, dt.time(), dt.UTC)


def find_next_month(start: dt.datetime) -> dt.datetime:
    return (start + dt.timedelta(days=31)).replace(day=1)
