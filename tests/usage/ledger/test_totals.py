"""Sums of totals are exact, also where they leave 64 bits."""

from typing import NamedTuple

import pytest
from django.utils import timezone

from tests.database.attempts.usage import total, used
from tests.usage.helpers.expected_totals import sum_by_column
from tests.world import World
from usage.amounts import LARGEST, Amounts
from usage.models import DailyTotal, HourlyTotal

pytestmark = pytest.mark.django_db


class UserKey(NamedTuple):
    user_id: int


def test_sums_beyond_64_bits_are_exact(world: World) -> None:
    used(world)
    row = total(DailyTotal, world).get()
    for user in range(1, 10):
        row.user_id, row.quantity, row.cost = user, LARGEST, -LARGEST
        DailyTotal.objects.bulk_create([row])
    sums = DailyTotal.objects.filter(user_id__gt=0).sum_all()
    assert (sums.quantity, sums.cost) == (9 * LARGEST, -9 * LARGEST)
    rows = DailyTotal.objects.filter(user_id__gt=7)
    by_user = sum_by_column(rows, "user_id")
    assert [amounts.quantity for amounts in by_user.values()] == [LARGEST, LARGEST]
    assert [total.quantity for total in rows.iterate_sums(UserKey)] == [LARGEST, LARGEST]


def test_the_sum_of_nothing_is_nothing(world: World) -> None:
    assert HourlyTotal.objects.filter(hour__gt=timezone.now()).sum_all() == Amounts()
    assert DailyTotal.objects.sum_by(UserKey) == []
