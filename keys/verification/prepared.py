"""Runs one query the shortest way: a prepared statement on the connection that is already open.

For the two routes that gateways call with every request of theirs. Django's cursors bind parameters on the
client and prepare nothing, so the server would plan each query anew, which takes it ten times as long as
answering. Checking the connection's health would cost a query of its own.
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
# Names of the prepared statements of each connection to PostgreSQL, by their text.
PREPARED: WeakKeyDictionary[psycopg.Connection[Any], dict[str, bytes]] = WeakKeyDictionary()


def fetch_row(statement: str, parameters: Sequence[str | bytes]) -> tuple[Any, ...] | None:
    """Returns the first row of `statement`, or None; numbers in it are texts on PostgreSQL.

    Parameters are marked as by `mark_parameters`. A connection that turns out to be lost, or to have lost
    its prepared statements, is opened again once. Raises OperationalError or InterfaceError when the
    database is away, which is answered with 503.
    """
    # Not `connection`, which looks this up anew for every attribute.
    connection = connections[DEFAULT_DB_ALIAS]
    try:
        return fetch_once(connection, statement, parameters)
    except (DatabaseError, InterfaceError):
        if connection.in_atomic_block:
            raise
        connection.close()
        return fetch_once(connection, statement, parameters)


def fetch_once(
    connection: BaseDatabaseWrapper, statement: str, parameters: Sequence[str | bytes]
) -> tuple[Any, ...] | None:
    connection.ensure_connection()
    started = time.perf_counter()
    try:
        with connection.wrap_database_errors:
            return execute(connection.connection, statement, parameters)
    finally:
        if connection.queries_logged:
            seconds = f"{time.perf_counter() - started:.3f}"
            connection.queries_log.append({"sql": statement, "time": seconds})


@functools.cache
def get_vendor() -> str:
    """Returns the database of this installation: sqlite or postgresql."""
    return connections[DEFAULT_DB_ALIAS].vendor


def execute(
    driver: Any, statement: str, parameters: Sequence[str | bytes]
) -> tuple[Any, ...] | None:
    if get_vendor() == "postgresql":
        return execute_prepared(driver, statement, parameters)
    # sqlite3 keeps the compiled statement by its text.
    row: tuple[Any, ...] | None = driver.execute(statement, parameters).fetchone()
    return row


def execute_prepared(
    driver: "psycopg.Connection[Any]", statement: str, parameters: Sequence[str | bytes]
) -> tuple[str | None, ...] | None:
    """Runs it through libpq, because psycopg's cursors take five times as long for a row."""
    names = PREPARED.setdefault(driver, {})
    if statement not in names:
        name = f"keys_{len(names)}".encode()
        require_done(driver, driver.pgconn.prepare(name, statement.encode()))
        names[statement] = name
    values = [value.encode() if isinstance(value, str) else value for value in parameters]
    formats = [Format.TEXT if isinstance(value, str) else Format.BINARY for value in parameters]
    result = driver.pgconn.exec_prepared(names[statement], values, formats)
    require_done(driver, result)
    if not result.ntuples:
        return None
    row = [result.get_value(0, column) for column in range(result.nfields)]
    return tuple([None if value is None else value.decode() for value in row])


def require_done(driver: "psycopg.Connection[Any]", result: Any) -> None:
    """Raises the error that psycopg would raise if the statement failed or the connection is lost."""
    if result.status in DONE:
        return
    if driver.closed:
        raise psycopg.OperationalError(result.get_error_message())
    raise psycopg.errors.error_from_result(result)


def mark_parameters(statement: str) -> str:
    """Returns `statement` with its `?` as the database expects them: `$1`, `$2` … on PostgreSQL."""
    if get_vendor() != "postgresql":
        return statement
    first, *others = statement.split("?")
    return first + "".join(f"${number}{part}" for number, part in enumerate(others, 1))
