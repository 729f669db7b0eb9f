"""Rows that never change are remembered, and a cache that is cleared or full loses none of an answer."""

from collections.abc import Collection
from contextlib import suppress
from typing import Any

import pytest
from django.db import transaction
from pytest_django import DjangoCaptureOnCommitCallbacks

from tests.usage.helpers.event_client import event, pipe, results
from tests.world import World
from usage.ingest.actor_rows import DEFAULT_CACHE, KEY_CACHE
from usage.ledger.series import CACHE
from usage.row_cache import RowCache

pytestmark = pytest.mark.django_db
NAMES = {1: "one", 2: "two", 3: "three"}


def load(numbers: Collection[int]) -> dict[int, str]:
    return {number: NAMES[number] for number in numbers if number in NAMES}


def test_rows_are_remembered_and_unknown_ones_are_asked_for_again() -> None:
    cache, asked = RowCache[int, str](), list[set[int]]()

    def load_and_note(numbers: Collection[int]) -> dict[int, str]:
        asked.append(set(numbers))
        return load(numbers)

    for wanted in ({1, 9}, {1, 2, 9}, {1, 2}):
        assert cache.fetch(wanted, load_and_note) == load(wanted)
    assert asked == [{1, 9}, {2, 9}]


def test_a_cache_never_has_more_rows_than_its_size_but_its_answer_has_all() -> None:
    cache = RowCache[int, str](size=1)
    for wanted in ({1, 2, 3}, {1, 2}, {3}, {2, 3}):
        assert cache.fetch(wanted, load) == load(wanted)
        assert len(cache.rows) == 1


def test_a_row_that_is_forgotten_while_others_are_loaded_is_in_the_answer() -> None:
    cache = RowCache[int, str]()
    cache.remember({1: "one"})

    def clear_and_load(numbers: Collection[int]) -> dict[int, str]:
        cache.clear()
        return load(numbers)

    assert cache.fetch({1, 2}, clear_and_load) == load({1, 2})


def test_rows_of_a_transaction_that_is_undone_are_not_remembered(
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    cache = RowCache[int, str](after_commit=True)
    with django_capture_on_commit_callbacks(execute=True):
        with suppress(ZeroDivisionError), transaction.atomic():
            assert cache.fetch({1}, load) == {1: "one"}
            raise ZeroDivisionError
        cache.fetch({2}, load)
        assert cache.rows == {}
    assert cache.rows == {2: "two"}


class ForgetfulRows(dict[Any, Any]):
    """As if another thread cleared the cache after each time that it is looked into."""

    def get(self, key: Any, default: Any = None) -> Any:
        row = super().get(key, default)
        self.clear()
        return row

    def __contains__(self, key: Any) -> bool:
        return self.get(key) is not None


@pytest.mark.parametrize("cache", [KEY_CACHE, DEFAULT_CACHE, CACHE])
def test_usage_is_recorded_while_rows_are_forgotten(
    cache: RowCache[Any, Any],
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    secret, keys = pipe(world), (world.key, world.other_key)
    monkeypatch.setattr(cache, "rows", ForgetfulRows())
    for number in range(3):
        with django_capture_on_commit_callbacks(execute=True):
            answers = results(
                secret,
                *(event(world, id=f"{number}-{key.pk}", api_key_id=key.public_id) for key in keys),
            )
        assert [answer["status"] for answer in answers] == ["accepted"] * 2
        assert cache.rows


def test_all_caches_are_cleared_at_once() -> None:
    caches: list[RowCache[Any, Any]] = [KEY_CACHE, DEFAULT_CACHE, CACHE, RowCache()]
    for cache in caches:
        cache.remember({1: 1})
    RowCache.clear_all()
    assert [cache.rows for cache in caches] == [{}] * 4
