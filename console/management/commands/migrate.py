"""Django's `migrate`, with our triggers out of its way before and back in place after."""

from typing import Any

from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import connections

from console import triggers


class Command(DjangoMigrate):
    """On SQLite a table that a trigger names cannot be rebuilt, and a rebuilt one loses its own.

    PostgreSQL refuses to alter a column that a trigger is `UPDATE OF`. Where nothing is to be
    migrated, nothing is dropped: another process may be serving meanwhile.
    """

    def handle(self, *args: Any, **options: Any) -> None:
        self.guarded = options["database"] == "default"
        if not self.guarded or options["check_unapplied"] or options["plan"]:
            super().handle(*args, **options)
            return
        try:
            super().handle(*args, **options)
        finally:
            triggers.install(connections[options["database"]])

    def migration_progress_callback(self, action: str, *about: Any) -> None:
        """Django calls it before each migration, outside of its transaction."""
        if self.guarded and action in ("apply_start", "unapply_start"):
            triggers.drop(connections["default"])
        super().migration_progress_callback(action, *about)
