"""Django's `createcachetable`, which makes the table of the rate limits beside the cache's."""

from typing import Any

from django.core.management.commands.createcachetable import Command as DjangoCreateCacheTable
from django.db import connections

from keys import limits


class Command(DjangoCreateCacheTable):
    """Both hold what may be lost: no migration, no backup."""

    def handle(self, *tables: Any, **options: Any) -> None:
        super().handle(*tables, **options)
        if options["database"] == limits.choose_database() and not options["dry_run"]:
            limits.create_table(connections[options["database"]])
