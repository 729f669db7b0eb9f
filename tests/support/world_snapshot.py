"""Builds a world once per process and afterwards puts its rows back, which is fifty times faster.

The services that build it cost some thousand queries; the rows alone are one insert a table. Rows put
back send no mail and start no task: what of these the build left in tables comes back with the rows.
"""

import functools
import pickle
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.models import Model
from django.utils import timezone

from console.triggers import TRIGGERS
from tests.support.triggers import triggers_aside

T = TypeVar("T")
Row = tuple[Any, ...]
# A statement and the rows to execute it with; without rows it is executed as it is.
Statements = list[tuple[str, list[Row]]]
MADE_BY_MIGRATE = ("contenttypes", "auth")
# Of ours too: the rows of the world may point at those that there were when it was built.
CATALOGUE = ("usage_price", "usage_lineitem", "usage_product", "usage_modelname")


@dataclass
class Snapshot:
    """What puts back the rows of every table that the build filled, and what the build returned.

    `agrees` says whether that comes to the same rows while the triggers act; None before it was tried.
    """

    statements: Statements
    result: bytes
    agrees: bool | None = None


def remembered(build: Callable[[], T]) -> Callable[[], T]:
    """`build`, which makes rows and returns what leads to them; repeated calls give equal copies."""
    kept: list[Snapshot] = []

    @functools.wraps(build)
    def built() -> T:
        if has_people():
            return build()  # beside other people the same rows may not fit
        if not kept:
            result = build()
            kept.append(Snapshot(statements_of_the_rows(), pickle.dumps(result)))
            return result
        put_back(kept[0])
        copy: T = pickle.loads(kept[0].result)  # noqa: S301  (pickled above)
        return copy

    return built


def has_people() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT 1 FROM accounts_user)")
        return bool(cursor.fetchone()[0])


def put_back(snapshot: Snapshot) -> None:
    """The rows held when they were made; now triggers would see them in another order, or act again."""
    if snapshot.agrees is None:
        snapshot.agrees = agrees_with_triggers(snapshot.statements)
    with transaction.atomic() if snapshot.agrees else triggers_aside("INSERT"):
        execute(snapshot.statements)
        # Once these are some minutes old a GET would write them: the one thing it may write.
        moment = [(timezone.now(),)]
        execute([("UPDATE accounts_membership SET last_active_at = %s", moment)])


def agrees_with_triggers(statements: Statements) -> bool:
    """On SQLite it is worth trying: to drop triggers and create them again takes as long as the rows."""
    if connection.vendor != "sqlite":
        return False
    try:
        with transaction.atomic():
            execute(statements)
            agrees = statements_of_the_rows() == statements
            transaction.set_rollback(True)
            return agrees
    except IntegrityError:
        return False


def execute(statements: Statements) -> None:
    with connection.cursor() as cursor:
        for statement, rows in statements:
            if rows:
                cursor.executemany(statement, rows)
            else:
                cursor.execute(statement)


def statements_of_the_rows() -> Statements:
    """The parents of a row come before it. On PostgreSQL it is one text, for one trip to the server."""
    # A trigger may have written the same row already.
    insert = "INSERT OR REPLACE" if connection.vendor == "sqlite" else "INSERT"
    statements: Statements = [(f"DELETE FROM {table}", []) for table in CATALOGUE]
    if connection.vendor == "sqlite":
        # Prices that have begun are never deleted; the other triggers stay.
        (guard,) = (trigger for trigger in TRIGGERS if trigger.name == "price_begun_no_delete")
        drop, create = f"DROP TRIGGER IF EXISTS {guard.name}", guard.sqlite()
        statements = [(drop, []), *statements, (create, [])]
    for table in tables_parents_first():
        columns, rows = read(table)
        names, places = ", ".join(columns), ", ".join(["%s"] * len(columns))
        if rows:
            statements.append((f"{insert} INTO {table} ({names}) VALUES ({places})", rows))
    if connection.vendor == "sqlite":
        return statements
    texts = [
        connection.ops.compose_sql(text, row) for text, rows in statements for row in rows or [()]
    ]
    return [(";".join(texts), [])]


def read(table: str) -> tuple[list[str], list[Row]]:
    """The names of the columns, as SQL has them, and the rows."""
    quote = connection.ops.quote_name
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {quote(table)}")
        return [quote(column[0]) for column in cursor.description], [
            tuple(map(storable, row)) for row in cursor.fetchall()
        ]


def storable(value: object) -> object:
    """SQLite keeps times as text; its driver only reads them as objects."""
    return str(value) if connection.vendor == "sqlite" and isinstance(value, date) else value


@functools.cache
def tables_parents_first() -> tuple[str, ...]:
    """Triggers look at the parents of a row, so these have to be there before it."""
    seen: dict[type[Model], None] = {}
    for model in apps.get_models(include_auto_created=True):
        visit(model, seen, set())
    return tuple(
        dict.fromkeys(
            model._meta.db_table
            for model in seen
            if model._meta.managed and model._meta.app_label not in MADE_BY_MIGRATE
        )
    )


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
