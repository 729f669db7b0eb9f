"""Every trigger of the database, for SQLite and PostgreSQL, in one idempotent place.

They hold what constraints cannot: rows of different organizations never mix, the Owner and the
Default Project stay, the audit trail only grows, projects keep to the limit. `migrate` installs
them (console/management/commands/migrate.py): SQLite loses a table's triggers when Django rebuilds
it, and cannot rebuild one that a trigger elsewhere names.
"""

from dataclasses import dataclass

from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper

ORGANIZATION, MEMBERSHIP = "accounts_organization", "accounts_membership"
INVITATION, AUDIT = "accounts_invitation", "accounts_auditevent"
PROJECT, COLLABORATOR = "projects_project", "projects_collaborator"
GRANT = "projects_projectgrant"


@dataclass(frozen=True)
class Guard:
    """Refuses `event` on `table` when the SQL condition `when` holds for the NEW or OLD row.

    The refusal is an IntegrityError with `message`. `lock` is a PostgreSQL statement that makes
    the condition hold against transactions under way (SQLite has one writer anyway).
    """

    name: str
    table: str
    event: str
    when: str
    message: str
    lock: str = ""

    def sqlite(self) -> str:
        return (
            f"CREATE TRIGGER {self.name} BEFORE {self.event} ON {self.table} FOR EACH ROW "
            f"WHEN {self.when} BEGIN SELECT RAISE(ABORT, '{self.message}'); END"
        )

    def postgresql(self) -> str:
        row = "OLD" if self.event == "DELETE" else "NEW"
        return (
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"{self.lock} IF {self.when} THEN "
            f"RAISE EXCEPTION '{self.message}' USING ERRCODE = 'check_violation'; END IF; "
            f"RETURN {row}; END $$; "
            f"CREATE OR REPLACE TRIGGER {self.name} BEFORE {self.event} ON {self.table} "
            f"FOR EACH ROW EXECUTE FUNCTION {self.name}()"
        )


@dataclass(frozen=True)
class Reaction:
    """Runs the SQL statement `then` after `event` on `table`."""

    name: str
    table: str
    event: str
    then: str

    def sqlite(self) -> str:
        return (
            f"CREATE TRIGGER {self.name} AFTER {self.event} ON {self.table} FOR EACH ROW "
            f"BEGIN {self.then}; END"
        )

    def postgresql(self) -> str:
        return (
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN {self.then}; RETURN NULL; END $$; "
            f"CREATE OR REPLACE TRIGGER {self.name} AFTER {self.event} ON {self.table} "
            f"FOR EACH ROW EXECUTE FUNCTION {self.name}()"
        )


@dataclass(frozen=True)
class TruncateGuard:
    """Refuses TRUNCATE, which walks past row triggers; SQLite has no such statement."""

    name: str
    table: str
    message: str

    def sqlite(self) -> str:
        return ""

    def postgresql(self) -> str:
        return (
            f"CREATE OR REPLACE FUNCTION {self.name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            f"RAISE EXCEPTION '{self.message}' USING ERRCODE = 'check_violation'; END $$; "
            f"CREATE OR REPLACE TRIGGER {self.name} BEFORE TRUNCATE ON {self.table} "
            f"FOR EACH STATEMENT EXECUTE FUNCTION {self.name}()"
        )


COLLABORATOR_IN_DEFAULT = (
    f"EXISTS (SELECT 1 FROM {PROJECT} p WHERE p.id = NEW.project_id AND p.is_default)"
)
COLLABORATOR_MIXED = (
    f"(NEW.membership_id IS NOT NULL AND NOT EXISTS (SELECT 1 FROM {MEMBERSHIP} m "
    f"JOIN {PROJECT} p ON p.organization_id = m.organization_id "
    "WHERE m.id = NEW.membership_id AND m.user_id = NEW.user_id AND p.id = NEW.project_id))"
    f" OR (NEW.membership_id IS NULL AND EXISTS (SELECT 1 FROM {MEMBERSHIP} m "
    f"JOIN {PROJECT} p ON p.organization_id = m.organization_id "
    "WHERE m.user_id = NEW.user_id AND p.id = NEW.project_id))"
)
GRANT_MIXED = (
    f"NOT EXISTS (SELECT 1 FROM {INVITATION} i "
    f"JOIN {PROJECT} p ON p.organization_id = i.organization_id "
    "WHERE i.id = NEW.invitation_id AND p.id = NEW.project_id AND NOT p.is_default "
    "AND (i.project_ref = '' OR i.project_ref = p.public_id))"
)
INVITATION_MIXED = (
    f"NEW.project_ref <> '' AND NOT EXISTS (SELECT 1 FROM {PROJECT} p "
    "WHERE p.public_id = NEW.project_ref AND p.organization_id = NEW.organization_id)"
)
COLLABORATOR_KEYS = "UPDATE OF project_id, user_id, membership_id"
GRANT_KEYS = "UPDATE OF invitation_id, project_id"

TRIGGERS: tuple[Guard | Reaction | TruncateGuard, ...] = (
    Guard("audit_no_update", AUDIT, "UPDATE", "TRUE", "audit events cannot be changed"),
    Guard("audit_no_delete", AUDIT, "DELETE", "TRUE", "audit events cannot be deleted"),
    TruncateGuard("audit_no_truncate", AUDIT, "audit events cannot be deleted"),
    Guard(
        "membership_owner_not_deleted",
        MEMBERSHIP,
        "DELETE",
        "OLD.role = 'owner'",
        "the Owner cannot be removed from the organization",
    ),
    Guard(
        "membership_owner_not_demoted",
        MEMBERSHIP,
        "UPDATE OF role",
        "OLD.role = 'owner' AND NEW.role <> 'owner'",
        "an organization needs an Owner",
    ),
    Guard(
        "membership_stays_put",
        MEMBERSHIP,
        "UPDATE OF organization_id, user_id",
        "OLD.organization_id <> NEW.organization_id OR OLD.user_id <> NEW.user_id",
        "a membership belongs to one person and organization",
    ),
    Reaction(
        "membership_adopts_collaborators",
        MEMBERSHIP,
        "INSERT",
        f"UPDATE {COLLABORATOR} SET membership_id = NEW.id WHERE user_id = NEW.user_id "
        f"AND project_id IN (SELECT id FROM {PROJECT} "
        "WHERE organization_id = NEW.organization_id)",
    ),
    Guard(
        "project_default_not_deleted",
        PROJECT,
        "DELETE",
        "OLD.is_default",
        "the Default Project cannot be deleted",
    ),
    Guard(
        "project_stays_put",
        PROJECT,
        "UPDATE OF is_default, organization_id",
        "OLD.is_default <> NEW.is_default OR OLD.organization_id <> NEW.organization_id",
        "a project stays in its organization, the Default Project stays the default",
    ),
    Guard(
        "project_within_limit",
        PROJECT,
        "INSERT",
        f"(SELECT count(*) FROM {PROJECT} p WHERE p.organization_id = NEW.organization_id) >= "
        f"(SELECT o.project_limit FROM {ORGANIZATION} o WHERE o.id = NEW.organization_id)",
        "the organization has reached its project limit",
        lock=f"PERFORM 1 FROM {ORGANIZATION} o WHERE o.id = NEW.organization_id FOR NO KEY UPDATE;",
    ),
    Guard(
        "organization_limit_fits",
        ORGANIZATION,
        "UPDATE OF project_limit",
        f"(SELECT count(*) FROM {PROJECT} p WHERE p.organization_id = NEW.id) > NEW.project_limit",
        "the organization already has more projects than that",
    ),
    *(
        Guard(
            f"collaborator_{suffix}_not_in_default",
            COLLABORATOR,
            event,
            COLLABORATOR_IN_DEFAULT,
            "the Default Project has no collaborator rows",
        )
        for suffix, event in [("insert", "INSERT"), ("update", COLLABORATOR_KEYS)]
    ),
    *(
        Guard(
            f"collaborator_{suffix}_not_mixed",
            COLLABORATOR,
            event,
            COLLABORATOR_MIXED,
            "a collaborator hangs on their own membership of the parent organization",
        )
        for suffix, event in [("insert", "INSERT"), ("update", COLLABORATOR_KEYS)]
    ),
    *(
        Guard(
            f"grant_{suffix}_not_mixed",
            GRANT,
            event,
            GRANT_MIXED,
            "an invitation grants projects of its own organization only",
        )
        for suffix, event in [("insert", "INSERT"), ("update", GRANT_KEYS)]
    ),
    Guard(
        "invitation_insert_not_mixed",
        INVITATION,
        "INSERT",
        INVITATION_MIXED,
        "an invitation names a project of its own organization only",
    ),
    Guard(
        "invitation_stays_put",
        INVITATION,
        "UPDATE OF organization_id, project_ref",
        "OLD.organization_id <> NEW.organization_id OR OLD.project_ref <> NEW.project_ref",
        "an invitation stays with its organization and project",
    ),
)


def drop(connection: BaseDatabaseWrapper) -> None:
    """Removes our triggers, whichever of them exist."""
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for trigger in TRIGGERS:
            if trigger.table in tables:
                on = f" ON {trigger.table}" if connection.vendor == "postgresql" else ""
                cursor.execute(f"DROP TRIGGER IF EXISTS {trigger.name}{on}")


def install(connection: BaseDatabaseWrapper) -> None:
    """Makes every trigger whose table exists; those that exist already are replaced."""
    tables = set(connection.introspection.table_names())
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        drop(connection)
        for trigger in TRIGGERS:
            statement = (
                trigger.postgresql() if connection.vendor == "postgresql" else trigger.sqlite()
            )
            if statement and trigger.table in tables:
                cursor.execute(statement)


def installed(connection: BaseDatabaseWrapper) -> set[str]:
    """The names of the triggers the database has now, foreign-key machinery left out."""
    query = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        return {row[0] for row in cursor.fetchall()}
