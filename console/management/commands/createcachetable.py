"""Django's `createcachetable`, which also creates the tables of rate limits and heartbeats."""

from typing import Any

from django.core.management.commands.createcachetable import Command as DjangoCreateCacheTable
from django.db import connections

from console.operations import heartbeats
from keys import limits


class Command(DjangoCreateCacheTable):
    """None of the tables needs migrations or backups, since their rows may be lost."""

    def handle(self, *tables: Any, **options: Any) -> None:
        super().handle(*tables, **options)
        if options["database"] == limits.choose_database() and not options["dry_run"]:
            limits.create_table(connections[options["database"]])
            heartbeats.create_table(connections[options["database"]])
