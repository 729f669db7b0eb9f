"""`flush` for tests that commit: our triggers refuse to empty a table, so they step aside meanwhile."""

from contextlib import nullcontext
from importlib import import_module
from typing import Any

from django.apps import apps
from django.core.cache import cache
from django.core.management.commands.flush import Command as DjangoFlush
from django.db import connections, transaction

from console import triggers
from keys import limits


class Command(DjangoFlush):
    def handle(self, **options: Any) -> None:
        database = options["database"]
        connection = connections[database]
        # On SQLite each of the fifty transactions would wait for the disk; it cannot deadlock.
        sqlite = connection.vendor == "sqlite"
        with transaction.atomic(using=database) if sqlite else nullcontext():
            if database == "default":
                triggers.drop(connection)
            super().handle(**options)
            if database == "default":
                triggers.install(connection)
                # What a migration put there belongs to the tables, not to the test that emptied them.
                import_module("usage.migrations.0002_seed_catalogue").seed(apps, None)
        # The cache's table is no model, so Django would leave its rows to the next test.
        cache.clear()
        if database == limits.alias():
            limits.run(connection, "DELETE FROM rate_windows")
