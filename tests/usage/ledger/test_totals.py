"""Sums of totals are exact, also where they leave 64 bits."""

import pytest
from django.utils import timezone

from tests.database.attempts.usage import total, used
from tests.world import World
from usage.amounts import LARGEST
from usage.models import DailyTotal, HourlyTotal

pytestmark = pytest.mark.django_db


def test_sums_beyond_64_bits_are_exact(world: World) -> None:
    used(world)
    row = total(DailyTotal, world).get()
    for user in range(1, 10):
        row.user_id, row.quantity, row.cost = user, LARGEST, -LARGEST
        DailyTotal.objects.bulk_create([row])
    (found,) = DailyTotal.objects.filter(user_id__gt=0).summed()
    assert (found.quantity, found.cost) == (9 * LARGEST, -9 * LARGEST)
    by_user = DailyTotal.objects.filter(user_id__gt=7).summed("user_id")
    assert [(one.key, one.quantity) for one in by_user] == [((8,), LARGEST), ((9,), LARGEST)]


def test_the_sum_of_nothing_is_nothing(world: World) -> None:
    (found,) = HourlyTotal.objects.filter(hour__gt=timezone.now()).summed()
    assert (found.key, found.quantity, found.cost, found.requests) == ((), 0, 0, 0)
    assert DailyTotal.objects.summed("day") == []
