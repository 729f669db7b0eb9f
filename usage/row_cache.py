"""Remembers rows that never change, so that a worker asks the database for each of them once."""

import threading
from collections.abc import Callable, Collection, Mapping
from itertools import islice
from typing import Any, ClassVar, Generic, TypeVar
from weakref import WeakSet

from django.db import transaction

Key = TypeVar("Key")
Row = TypeVar("Row")


class RowCache(Generic[Key, Row]):
    """At most `size` rows by key, for all threads of a worker; triggers must refuse to change them.

    With `after_commit`, rows are remembered once the transaction that loaded them is committed: for those
    that it may have created itself.
    """

    instances: ClassVar["WeakSet[RowCache[Any, Any]]"] = WeakSet()

    def __init__(self, *, size: int = 100_000, after_commit: bool = False) -> None:
        self.size, self.after_commit = size, after_commit
        self.rows: dict[Key, Row] = {}
        self.lock = threading.Lock()
        self.instances.add(self)

    def fetch(
        self, keys: Collection[Key], load: Callable[[Collection[Key]], Mapping[Key, Row]]
    ) -> dict[Key, Row]:
        """Returns the rows with these keys that exist. `load` returns those that are not cached."""
        # Each row is looked up once: another thread may clear the cache at any moment.
        cached = {key: self.rows.get(key) for key in keys}
        rows = {key: row for key, row in cached.items() if row is not None}
        if missing := cached.keys() - rows.keys():
            loaded = load(missing)
            rows.update(loaded)
            if self.after_commit:
                transaction.on_commit(lambda: self.remember(loaded))
            else:
                self.remember(loaded)
        return rows

    def remember(self, rows: Mapping[Key, Row]) -> None:
        with self.lock:
            if len(self.rows) + len(rows) > self.size:
                self.rows.clear()
            self.rows.update(islice(rows.items(), self.size))

    def clear(self) -> None:
        with self.lock:
            self.rows.clear()

    @classmethod
    def clear_all(cls) -> None:
        """Clears all caches of this process, for tests, whose rows are gone after each."""
        for cache in cls.instances:
            cache.clear()
