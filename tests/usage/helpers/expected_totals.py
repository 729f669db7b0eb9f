"""What the records come to, to be compared with the totals."""

from collections import Counter
from typing import Any

from usage.amounts import Amounts
from usage.models import DailyTotal, HourlyTotal, UsageRecord
from usage.models.totals import DIMENSIONS


def sums(rows: Any) -> dict[tuple[Any, ...], tuple[int, int, int]]:
    """Quantity, cost and requests by key; what comes to nothing is left out."""
    quantity: Counter[tuple[Any, ...]] = Counter()
    cost: Counter[tuple[Any, ...]] = Counter()
    requests: Counter[tuple[Any, ...]] = Counter()
    for key, amounts in rows:
        quantity[key] += amounts[0]
        cost[key] += amounts[1]
        requests[key] += amounts[2]
    found = {key: (quantity[key], cost[key], requests[key]) for key in quantity}
    return {key: amounts for key, amounts in found.items() if any(amounts)}


def of_records(hourly: bool) -> dict[tuple[Any, ...], tuple[int, int, int]]:
    def keyed() -> Any:
        for one in UsageRecord.objects.select_related("series"):
            period = (
                one.time.replace(minute=0, second=0, microsecond=0) if hourly else one.time.date()
            )
            series = one.series
            values = [getattr(series, name) or 0 for name in DIMENSIONS]
            amounts = one.quantity, one.cost, series.requests
            yield (series.organization_id, period, *values), amounts

    return sums(keyed())


def of_totals(table: type[DailyTotal] | type[HourlyTotal]) -> Any:
    period = "hour" if table is HourlyTotal else "day"

    def keyed() -> Any:
        for one in table.objects.all():
            values = [getattr(one, name) for name in DIMENSIONS]
            key = (one.organization_id, getattr(one, period), *values)
            yield key, (one.quantity, one.cost, one.requests)

    return sums(keyed())


def sum_by_column(rows: Any, column: str) -> dict[Any, Amounts]:
    """The sums of totals by the values of one column."""
    return {value: Amounts(*amounts) for value, *amounts in rows.sum_rows(column)}


def assert_totals_are_the_records() -> None:
    assert of_totals(DailyTotal) == of_records(hourly=False)
    assert of_totals(HourlyTotal) == of_records(hourly=True)
