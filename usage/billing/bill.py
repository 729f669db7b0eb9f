"""The bill of a month in windows of a day or an hour, as the official client reads it."""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from accounts.models import Organization, User
from accounts.web.cursors import decode_cursor, encode_cursor
from keys.models import ApiKey
from projects.models import Project
from usage.amounts import COST_DIGITS, PRICE_DIGITS, QUANTITY_DIGITS, text_of
from usage.billing.payloads import BilledItem, BilledWindow, BillPage
from usage.enums import Granularity
from usage.ledger.lookup import moment
from usage.models import DailyTotal, HourlyTotal, LineItem, ModelName
from usage.models.totals import Summed, TotalQuerySet

LENGTH = {Granularity.DAY: dt.timedelta(days=1), Granularity.HOUR: dt.timedelta(hours=1)}
OF_ITEM = ("line_item", "model", "unit_price", "project", "api_key_id", "user_id")


@dataclass(frozen=True)
class Bill:
    """The finished windows with usage in one month of an organization, or of one project of it."""

    organization: Organization
    project: Project | None
    month: dt.date
    granularity: Granularity

    @property
    def totals(self) -> TotalQuerySet:
        """Those of the whole month as far as their windows are over."""
        start = dt.datetime.combine(self.month, dt.time(), dt.UTC)
        end = min(next_month(start), self.begun(timezone.now()))
        if self.granularity == Granularity.DAY:
            found = DailyTotal.objects.filter(day__gte=start.date(), day__lt=end.date())
        else:
            found = HourlyTotal.objects.filter(hour__gte=start, hour__lt=end)
        found = found.filter(organization=self.organization)
        return found.filter(project=self.project) if self.project else found

    @property
    def period(self) -> str:
        """The column that says which window a total is of."""
        return self.granularity.value

    def begun(self, now: dt.datetime) -> dt.datetime:
        """The start of the window that is not over yet."""
        hour = now.replace(minute=0, second=0, microsecond=0)
        return hour if self.granularity == Granularity.HOUR else hour.replace(hour=0)

    def windows(self) -> list[dt.datetime]:
        """When those with usage begin; one whose usage was taken back is none."""
        sums = self.totals.summed(self.period)
        return [start_of(one.key[0]) for one in sums if one.quantity or one.cost]

    def page(self, limit: int, after: dt.datetime | None) -> BillPage:
        """The answer of the API for `limit` windows that begin later than `after`."""
        windows = self.windows()
        rest = [window for window in windows if after is None or window > after]
        shown, length = rest[:limit], LENGTH[self.granularity]
        return BillPage(
            object="list",
            organization_id=self.organization.public_id,
            billing_period=f"{self.month:%Y-%m}",
            currency="USD",
            earliest_window_start=moment(windows[0]) if windows else None,
            latest_window_end=moment(windows[-1] + length) if windows else None,
            data=self.data(shown),
            next_cursor=self.cursor(shown[-1]) if len(rest) > limit else None,
        )

    def data(self, windows: Sequence[dt.datetime]) -> list[BilledWindow]:
        if not windows:
            return []
        first, last = windows[0], windows[-1]
        if self.granularity == Granularity.DAY:
            found = self.totals.filter(day__gte=first.date(), day__lte=last.date())
        else:
            found = self.totals.filter(hour__gte=first, hour__lte=last)
        items: dict[dt.datetime, list[BilledItem]] = {window: [] for window in windows}
        sums = [one for one in found.summed(self.period, *OF_ITEM) if one.quantity or one.cost]
        names = Names(sums)
        for one in sums:
            items[start_of(one.key[0])].append(names.line_item(one))
        return [
            BilledWindow(
                date=f"{window:%Y-%m-%d}",
                start_time=moment(window),
                end_time=moment(window + LENGTH[self.granularity]),
                line_items=items[window],
            )
            for window in windows
        ]

    def cursor(self, window: dt.datetime) -> str:
        """Where the next page begins; only good for the same month and granularity."""
        return encode_cursor(*self.bound, moment(window))

    @property
    def bound(self) -> list[str]:
        return [f"{self.month:%Y-%m}", self.granularity.value]

    def position(self, cursor: str) -> dt.datetime:
        """The window that a cursor names; ValueError for one that is not of this bill."""
        *bound, window = decode_cursor(cursor)
        position = dt.datetime.fromisoformat(str(window))
        if bound != self.bound or position.tzinfo is None:
            raise ValueError("a cursor of another month or granularity")
        return position


class Names:
    """What is said outside for the primary keys in sums."""

    def __init__(self, sums: Iterable[Summed]) -> None:
        columns = list(zip(*(one.key for one in sums), strict=True)) or [()] * 7
        _, items, models, _, projects, keys, users = (set(column) for column in columns)
        self.items = LineItem.objects.select_related("product").in_bulk(items)
        self.models = ModelName.objects.in_bulk(models)
        self.ids = {
            "project_id": public_ids(Project, projects),
            "api_key_id": public_ids(ApiKey, keys),
            "user_id": public_ids(User, users),
        }

    def line_item(self, one: Summed) -> BilledItem:
        """As the API says it; decimals are texts."""
        _, item, model, unit_price, *references = one.key
        line_item, model_name = self.items[item], self.models[model].name
        attributes = {
            name: ids[reference]
            for (name, ids), reference in zip(self.ids.items(), references, strict=True)
            if reference
        }
        return BilledItem(
            product_name=line_item.product.name,
            quantity=text_of(one.quantity, QUANTITY_DIGITS),
            unit_price=text_of(unit_price, PRICE_DIGITS),
            cost=text_of(one.cost, COST_DIGITS),
            pricing_dimensions={
                **({"model": model_name} if model_name else {}),
                "line_item": line_item.code,
                "unit": line_item.unit,
            },
            attributes={"product_id": line_item.product.code, **attributes},
        )


def public_ids(table: Any, pks: set[int]) -> dict[int, str]:
    return dict(table.objects.filter(pk__in=pks - {0}).values_list("pk", "public_id"))


def start_of(period: dt.date) -> dt.datetime:
    if isinstance(period, dt.datetime):
        return period
    return dt.datetime.combine(period, dt.time(), dt.UTC)


def next_month(start: dt.datetime) -> dt.datetime:
    return (start + dt.timedelta(days=31)).replace(day=1)
