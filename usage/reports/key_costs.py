"""The cost of API keys in the last thirty days including today, wherever their usage is billed."""

import datetime as dt
from collections.abc import Collection
from typing import NamedTuple

from accounts.models import Organization
from usage.ids import KeyId
from usage.models import DailyTotal

DAYS = 30


class CostKey(NamedTuple):
    api_key_id: KeyId


def sum_recent_costs(
    organization: Organization, keys: Collection[int], today: dt.date
) -> dict[int, int]:
    """Returns costs in 10⁻¹⁰ USD by primary key, 0 for keys without usage, in one query.

    Usage of a key is always billed within its organization, so other organizations are not read.
    """
    since = today - dt.timedelta(days=DAYS - 1)
    totals = DailyTotal.objects.filter(
        organization=organization, day__range=(since, today), api_key_id__in=keys
    )
    costs = dict.fromkeys(keys, 0)
    costs.update({total.key.api_key_id: total.cost for total in totals.sum_by(CostKey)})
    return costs
