"""The columns of records that a series replaces become optional.

Django learns it from the next migration: it takes a second to compute the new state, which would lock SQLite.

Nothing is rewritten, so this takes a moment however many records there are: PostgreSQL changes its catalog,
and on SQLite, where Django would rebuild the table, the text of its definition is changed as
https://www.sqlite.org/lang_altertable.html (*Making Other Kinds Of Table Schema Changes*) describes it for
removing constraints.
"""

import re

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

TABLE = "usage_usagerecord"
CHECKS = ("reason_known", "kind_known", "points_at_usage", "signs", "amounts_sane")
FORMER = (
    *(
        "organization_id",
        "project_id",
        "meant_project_id",
        "line_item_id",
        "model_id",
        "unit_price",
    ),
    *("api_key_id", "user_id", "reason", "kind", "requests"),
)


def make_columns_optional(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor == "postgresql":
        changes = [f"ALTER COLUMN {column} DROP NOT NULL" for column in FORMER]
        changes += [f"DROP CONSTRAINT usagerecord_{name}" for name in CHECKS]
        schema_editor.execute(f"ALTER TABLE {TABLE} {', '.join(changes)}")
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = %s", [TABLE])
        definition = relax(cursor.fetchone()[0])
        cursor.execute("PRAGMA schema_version")
        version = cursor.fetchone()[0]
        cursor.execute("PRAGMA writable_schema = ON")
        cursor.execute(
            "UPDATE sqlite_master SET sql = %s WHERE type = 'table' AND name = %s",
            [definition, TABLE],
        )
        # Tells all connections, this one too, to read the definition again.
        cursor.execute(f"PRAGMA schema_version = {version + 1}")
        cursor.execute("PRAGMA writable_schema = OFF")


def relax(definition: str) -> str:
    """Returns a CREATE TABLE without the NOT NULL of the former columns and without the checks."""
    for column in FORMER:
        definition = re.sub(rf'("{column}" [a-z ]+) NOT NULL', r"\1 NULL", definition)
    for name in CHECKS:
        definition = remove_constraint(definition, f"usagerecord_{name}")
    return definition


def remove_constraint(definition: str, name: str) -> str:
    """Returns a CREATE TABLE without the constraint, which ends where its parentheses close."""
    start = definition.index(f', CONSTRAINT "{name}" CHECK (')
    end = definition.index("(", start)
    depth = 1
    while depth:
        end += 1
        depth += {"(": 1, ")": -1}.get(definition[end], 0)
    return definition[:start] + definition[end + 1 :]


class Migration(migrations.Migration):
    dependencies = [("usage", "0007_series_of_records")]

    operations = [migrations.RunPython(make_columns_optional, migrations.RunPython.noop)]
