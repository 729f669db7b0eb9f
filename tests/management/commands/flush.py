"""`flush` for tests that commit: deletes the rows of filled tables, while our triggers step aside.

Django's own empties every table and writes the content types and permissions anew, which takes longer than
most tests.
"""

from typing import Any

from django.core.cache import cache
from django.core.management.commands.flush import Command as DjangoFlush
from django.db import connection, connections, transaction

from keys import limits
from tests.support.catalogue import fill_catalogue
from tests.support.triggers import triggers_aside
from tests.support.world_snapshot import tables_parents_first


class Command(DjangoFlush):
    def handle(self, **options: Any) -> None:
        database = options["database"]
        if database == "default":
            with transaction.atomic():
                empty_tables()
                fill_catalogue()
        # The cache's table is no model, so Django would leave its rows to the next test.
        cache.clear()
        if database == limits.choose_database():
            limits.execute(connections[database], "DELETE FROM rate_windows")


def empty_tables() -> None:
    with triggers_aside("DELETE"), connection.cursor() as cursor:
        for table in reversed(tables_parents_first()):
            cursor.execute(f"SELECT EXISTS (SELECT 1 FROM {table})")
            if cursor.fetchone()[0]:
                cursor.execute(f"DELETE FROM {table}")
