"""Django's `migrate`, which also installs the triggers of this version.

A migration, and dropping and restoring the triggers in its way, are one transaction. Processes that serve
at the same time therefore never lack a trigger.
"""

from contextlib import ExitStack
from typing import Any

from django.core.management.commands.migrate import Command as DjangoMigrate
from django.db import connections
from django.db.migrations import Migration

from accounts.support.services.staff import save_staff_roles
from console import triggers
from console.operations.migrations import set_triggers_aside
from console.operations.search_texts import refresh_search_texts
from projects.services.periods import repair_periods
from usage.catalogue.services.model_names import update_canonical_models
from usage.ledger.series_walk import find_all_series


class Command(DjangoMigrate):
    def handle(self, *args: Any, **options: Any) -> None:
        self.around_migration = ExitStack()
        self.has_migrated = False
        self.has_triggers = options["database"] == "default" and not (
            options["check_unapplied"] or options["plan"]
        )
        with self.around_migration:  # undoes a migration that fails
            super().handle(*args, **options)
        if self.has_triggers and triggers.find_differences(connections["default"]):
            triggers.install(connections["default"])
            repair_periods()
        if self.has_triggers and options["app_label"] is None:
            find_all_series()  # the triggers let records get theirs
            save_staff_roles()  # the permissions of new tables were created just now
            refresh_search_texts(every_row=self.has_migrated)
            update_canonical_models()  # of names that the version before added

    def migration_progress_callback(self, action: str, *about: Any) -> None:
        """Django calls this before and after each migration, outside of its transaction."""
        migration = about[0] if about else None
        if self.has_triggers and migration and has_transaction(migration):
            if action in ("apply_start", "unapply_start"):
                aside = set_triggers_aside(connections["default"], migration)
                self.around_migration.enter_context(aside)
            elif action in ("apply_success", "unapply_success"):
                self.has_migrated = True
                self.around_migration.close()
        super().migration_progress_callback(action, *about)


def has_transaction(migration: Migration) -> bool:
    """Returns whether the migration runs in a transaction, unlike CREATE INDEX CONCURRENTLY."""
    return migration.atomic or connections["default"].vendor == "sqlite"
