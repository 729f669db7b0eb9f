"""Django's `migrate`, with our triggers out of its way before and back in place after."""

from typing import Any

from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import connections

from console import triggers


class Command(DjangoMigrate):
    """On SQLite a table that a trigger names cannot be rebuilt, and a rebuilt one loses its own."""

    def handle(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        if options["database"] != "default" or options["check_unapplied"] or options["plan"]:
            super().handle(*args, **options)
            return
        if connection.vendor == "sqlite":
            triggers.drop(connection)
        try:
            super().handle(*args, **options)
        finally:
            triggers.install(connection)
