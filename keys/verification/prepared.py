"""Asks the database one question the shortest way: a prepared statement on the connection that is there.

For the two routes that gateways call for every request of theirs. Django's cursors bind on the client,
and under its settings psycopg prepares nothing: the server would plan each question anew, which takes it
ten times as long as answering. A health check of the connection would cost a query of its own.
"""

import functools
import time
from collections.abc import Sequence
from typing import Any
from weakref import WeakKeyDictionary

import psycopg
from django.db import DEFAULT_DB_ALIAS, DatabaseError, InterfaceError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.pq import ExecStatus, Format

DONE = (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK)
# The names of the statements that a connection to PostgreSQL has prepared.
PREPARED: WeakKeyDictionary[psycopg.Connection[Any], dict[str, bytes]] = WeakKeyDictionary()


def one_row(statement: str, parameters: Sequence[str | bytes]) -> tuple[Any, ...] | None:
    """The first row `statement` finds, or None; numbers in it are texts on PostgreSQL.

    The statement's places are those of `placed`. A connection that turns out to be lost, or to have lost
    what it had prepared, is made anew once; the error of the second time is OperationalError or
    InterfaceError when the database is away, which is answered with 503.
    """
    # Not `connection`, which looks this up anew for every attribute it is asked for.
    connection = connections[DEFAULT_DB_ALIAS]
    try:
        return asked(connection, statement, parameters)
    except (DatabaseError, InterfaceError):
        if connection.in_atomic_block:
            raise
        connection.close()
        return asked(connection, statement, parameters)


def asked(
    connection: BaseDatabaseWrapper, statement: str, parameters: Sequence[str | bytes]
) -> tuple[Any, ...] | None:
    connection.ensure_connection()
    started = time.perf_counter()
    try:
        with connection.wrap_database_errors:
            return fetched(connection.connection, statement, parameters)
    finally:
        if connection.queries_logged:
            seconds = f"{time.perf_counter() - started:.3f}"
            connection.queries_log.append({"sql": statement, "time": seconds})


@functools.cache
def vendor() -> str:
    """Which database the installation is on."""
    return connections[DEFAULT_DB_ALIAS].vendor


def fetched(
    driver: Any, statement: str, parameters: Sequence[str | bytes]
) -> tuple[Any, ...] | None:
    if vendor() == "postgresql":
        return fetched_from_postgres(driver, statement, parameters)
    # sqlite3 keeps the compiled statement by its text.
    found: tuple[Any, ...] | None = driver.execute(statement, parameters).fetchone()
    return found


def fetched_from_postgres(
    driver: "psycopg.Connection[Any]", statement: str, parameters: Sequence[str | bytes]
) -> tuple[str | None, ...] | None:
    """By libpq itself: psycopg's cursors take five times as long for a row."""
    names = PREPARED.setdefault(driver, {})
    if statement not in names:
        name = f"keys_{len(names)}".encode()
        require_done(driver, driver.pgconn.prepare(name, statement.encode()))
        names[statement] = name
    values = [one.encode() if isinstance(one, str) else one for one in parameters]
    formats = [Format.TEXT if isinstance(one, str) else Format.BINARY for one in parameters]
    result = driver.pgconn.exec_prepared(names[statement], values, formats)
    require_done(driver, result)
    if not result.ntuples:
        return None
    found = [result.get_value(0, column) for column in range(result.nfields)]
    return tuple([None if value is None else value.decode() for value in found])


def require_done(driver: "psycopg.Connection[Any]", result: Any) -> None:
    """Raises what psycopg would when the server did not do it, or is gone."""
    if result.status in DONE:
        return
    if driver.closed:
        raise psycopg.OperationalError(result.get_error_message())
    raise psycopg.errors.error_from_result(result)


def placed(statement: str) -> str:
    """`statement` with its `?` as the database wants them: `$1`, `$2` … on PostgreSQL."""
    if vendor() != "postgresql":
        return statement
    first, *others = statement.split("?")
    return first + "".join(f"${place}{part}" for place, part in enumerate(others, 1))
