"""Builds a world once per process and afterwards puts its rows back, which is many times faster.

The services that build it cost some hundred queries; the rows alone are a few inserts. Only tests
inside a transaction get the rows back: what is committed would also have sent its mails.
"""

import functools
import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.apps import apps
from django.contrib.auth import get_user_model
from django.db import connection
from django.db.models import Model

T = TypeVar("T")
Rows = list[tuple[Any, ...]]


@dataclass(frozen=True)
class Snapshot:
    """The rows of every table that the build filled, parents first, and what it returned."""

    tables: dict[str, tuple[list[str], Rows]]
    result: bytes


def remembered(build: Callable[[], T]) -> Callable[[], T]:
    """`build`, which makes rows and returns what leads to them; repeated calls give equal copies."""
    kept: list[Snapshot] = []

    @functools.wraps(build)
    def built() -> T:
        if not connection.in_atomic_block or get_user_model().objects.exists():
            return build()
        if not kept:
            filled_before = {table for table in tables_parents_first() if read(table)[1]}
            result = build()
            contents = {table: read(table) for table in tables_parents_first()}
            kept.append(
                Snapshot(
                    {t: c for t, c in contents.items() if c[1] and t not in filled_before},
                    pickle.dumps(result),
                )
            )
            return result
        for table, (columns, rows) in kept[0].tables.items():
            write(table, columns, rows)
        copy: T = pickle.loads(kept[0].result)  # noqa: S301  (pickled above)
        return copy

    return built


def read(table: str) -> tuple[list[str], Rows]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)}")
        return [column[0] for column in cursor.description], [
            tuple(map(storable, row)) for row in cursor.fetchall()
        ]


def storable(value: object) -> object:
    """SQLite keeps times as text; its driver only reads them as objects."""
    return str(value) if connection.vendor == "sqlite" and isinstance(value, date) else value


def write(table: str, columns: list[str], rows: Rows) -> None:
    quote = connection.ops.quote_name
    names, places = ", ".join(map(quote, columns)), ", ".join(["%s"] * len(columns))
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {quote(table)} ({names}) VALUES ({places})", rows)


@functools.cache
def tables_parents_first() -> tuple[str, ...]:
    """Triggers look at the parents of a row, so these have to be there before it."""
    seen: dict[type[Model], None] = {}
    for model in apps.get_models(include_auto_created=True):
        visit(model, seen, set())
    return tuple(dict.fromkeys(model._meta.db_table for model in seen if model._meta.managed))


def visit(model: type[Model], seen: dict[type[Model], None], under_way: set[type[Model]]) -> None:
    if model in seen or model in under_way:
        return
    for parent in parents(model):
        visit(parent, seen, under_way | {model})
    seen.setdefault(model)


def parents(model: type[Model]) -> Iterator[type[Model]]:
    for field in model._meta.local_fields:
        if field.remote_field and isinstance(field.remote_field.model, type):
            yield field.remote_field.model
