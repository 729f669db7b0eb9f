"""Django's `createcachetable`, which also creates the table of rate limits."""

from typing import Any

from django.core.management.commands.createcachetable import Command as DjangoCreateCacheTable
from django.db import connections

from keys import limits


class Command(DjangoCreateCacheTable):
    """Neither table needs migrations or backups, since its rows may be lost."""

    def handle(self, *tables: Any, **options: Any) -> None:
        super().handle(*tables, **options)
        if options["database"] == limits.choose_database() and not options["dry_run"]:
            limits.create_table(connections[options["database"]])
