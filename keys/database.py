"""Asks the database one question the shortest way: a prepared statement on the connection that is there.

For the two routes that gateways call for every request of theirs. Django's cursors would bind on the
client and prepare nothing; a health check of the connection would cost a query of its own.
"""

import time
from collections.abc import Sequence
from typing import Any

import psycopg
from django.db import InterfaceError, OperationalError, connection
from django.db.utils import DatabaseErrorWrapper

LOST = (OperationalError, InterfaceError)


def one_row(statement: str, parameters: Sequence[Any]) -> tuple[Any, ...] | None:
    """The first row `statement` finds, or None. Its places are `?` (`{place}` filled by `placed`).

    A connection that turns out to be lost is made anew once; OperationalError or InterfaceError when
    the database is away all the same, which is answered with 503.
    """
    try:
        return asked(statement, parameters)
    except LOST:
        if connection.in_atomic_block:
            raise
        connection.close()
        return asked(statement, parameters)


def asked(statement: str, parameters: Sequence[Any]) -> tuple[Any, ...] | None:
    connection.ensure_connection()
    started = time.perf_counter()
    try:
        with DatabaseErrorWrapper(connection):
            return fetched(statement, parameters)
    finally:
        if connection.queries_logged:
            seconds = f"{time.perf_counter() - started:.3f}"
            connection.queries_log.append({"sql": statement, "time": seconds})


def fetched(statement: str, parameters: Sequence[Any]) -> tuple[Any, ...] | None:
    driver: Any = connection.connection
    if connection.vendor == "postgresql":
        with psycopg.Cursor(driver) as cursor:
            found = cursor.execute(statement, parameters, prepare=True).fetchone()
    else:
        # sqlite3 keeps the compiled statement by its text.
        found = driver.execute(statement, parameters).fetchone()
    return tuple(found) if found else None


def placed(statement: str, vendor: str) -> str:
    """`statement` with its `?` as the driver of that database wants them."""
    return statement.replace("?", "%s") if vendor == "postgresql" else statement
