"""How the tests of the database ask it to refuse something, past every form, service and model method."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, models, transaction

from accounts.models import UserSession

OURS = ("accounts", "projects", "keys", "usage")


@contextmanager
def refused(*words: str) -> Iterator[None]:
    """The database refuses the block with an IntegrityError that says one of `words`."""
    pattern = "|".join(re.escape(word) for word in words)
    with pytest.raises(IntegrityError, match=pattern), transaction.atomic():  # noqa: PT012
        yield
        connection.check_constraints()  # foreign keys are otherwise looked at when all is committed


def run(statement: str, *values: Any) -> None:
    """Raw SQL, as an operator's console or a bug would send it."""
    with connection.cursor() as cursor:
        cursor.execute(statement, values)


def our_models() -> list[type[models.Model]]:
    return [model for label in OURS for model in apps.get_app_config(label).get_models()]


def rows(table: str) -> list[dict[str, Any]]:
    """Everything `table` holds, in the order it was made; by name, since a rebuild moves columns."""
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{table}"')
        names = [column[0] for column in cursor.description]
        found = [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]
    # Totals have no number of their own: the order of their key will do.
    return sorted(found, key=lambda row: row.get("id") or str(sorted(row.items())))


def all_rows() -> dict[str, list[dict[str, Any]]]:
    """Every row but those of sessions, which any request may write."""
    tables = [model._meta.db_table for model in our_models() if model is not UserSession]
    return {table: rows(table) for table in tables}
