"""What API keys cost in the last thirty days, today counted in, wherever their usage is billed."""

import datetime as dt
from collections.abc import Collection

from accounts.models import Organization
from usage.models import DailyTotal

DAYS = 30


def recent_costs(
    organization: Organization, keys: Collection[int], today: dt.date
) -> dict[int, int]:
    """By primary key, in 10⁻¹⁰ USD; 0 for those without usage. One query.

    Usage by a key stays in its organization, whatever the rule it lands by.
    """
    since = today - dt.timedelta(days=DAYS - 1)
    totals = DailyTotal.objects.filter(
        organization=organization, day__range=(since, today), api_key_id__in=keys
    )
    return dict.fromkeys(keys, 0) | {one.key[0]: one.cost for one in totals.summed("api_key_id")}
