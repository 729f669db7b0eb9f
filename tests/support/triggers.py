"""Keeps our triggers from acting while the tests fill or empty tables behind the code's back."""

import functools
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from console.triggers import TRIGGERS


@contextmanager
def triggers_aside(event: str) -> Iterator[None]:
    """Inside, one transaction, no trigger acts on `event`, which is INSERT or DELETE."""
    with transaction.atomic(), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
            yield
            cursor.execute("SET LOCAL session_replication_role = origin")
            return
        acting = statements_on_sqlite(event)
        for name in acting:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}")
        yield
        for statement in acting.values():
            cursor.execute(statement)


@functools.cache
def statements_on_sqlite(event: str) -> dict[str, str]:
    """What creates each trigger on that event, by name.

    The others stay: creating all of them takes longer than writing the rows of a world.
    """
    statements = {trigger.name: trigger.sqlite() for trigger in TRIGGERS}
    return {name: text for name, text in statements.items() if f" {event} ON " in text}
