"""Failed sign-ins from many addresses do not make the console forget those of one."""

import pytest
from django.core.cache import cache

pytestmark = pytest.mark.django_db


def test_a_count_outlives_a_thousand_others() -> None:
    cache.set("a-failure", 5, timeout=300)
    for number in range(1_000):
        cache.set(f"failures-of-{number}", 1, timeout=300)
    assert cache.get("a-failure") == 5
