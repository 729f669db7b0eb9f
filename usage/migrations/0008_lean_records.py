"""The columns of records that a series replaces become optional.

There is one operation, so that Django works out the new state before the table is locked.

Nothing is rewritten, so this takes a moment however many records there are: PostgreSQL changes its catalog,
and on SQLite, where Django would rebuild the table, the text of its definition is changed as
https://www.sqlite.org/lang_altertable.html (*Making Other Kinds Of Table Schema Changes*) describes it for
removing constraints.
"""

import re

import django.db.models.deletion
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

TABLE = "usage_usagerecord"
CHECKS = ("reason_known", "kind_known", "points_at_usage", "signs", "amounts_sane")
SERIES = {
    "db_constraint": False,
    "db_index": False,
    "on_delete": django.db.models.deletion.PROTECT,
    "related_name": "+",
    "to": "usage.series",
}
FORMER = {
    "organization": models.BigIntegerField(db_column="organization_id", null=True),
    "project": models.BigIntegerField(db_column="project_id", null=True),
    "intended_project": models.BigIntegerField(db_column="meant_project_id", null=True),
    "line_item": models.BigIntegerField(db_column="line_item_id", null=True),
    "model": models.BigIntegerField(db_column="model_id", null=True),
    "unit_price": models.BigIntegerField(db_column="unit_price", null=True),
    "api_key": models.BigIntegerField(db_column="api_key_id", null=True),
    "user": models.BigIntegerField(db_column="user_id", null=True),
    "reason": models.PositiveSmallIntegerField(db_column="reason", null=True),
    "kind": models.PositiveSmallIntegerField(db_column="kind", null=True),
    "requests": models.SmallIntegerField(db_column="requests", null=True),
}


def make_columns_optional(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    columns = [field.db_column or "" for field in FORMER.values()]
    if schema_editor.connection.vendor == "postgresql":
        changes = [f"ALTER COLUMN {column} DROP NOT NULL" for column in columns]
        changes += [f"DROP CONSTRAINT usagerecord_{name}" for name in CHECKS]
        schema_editor.execute(f"ALTER TABLE {TABLE} {', '.join(changes)}")
        return
    with schema_editor.connection.cursor() as cursor:
        cursor.execute("SELECT sql FROM sqlite_master WHERE type = 'table' AND name = %s", [TABLE])
        definition = relax(cursor.fetchone()[0], columns)
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


def relax(definition: str, columns: list[str]) -> str:
    """Returns a CREATE TABLE without the NOT NULL of the columns and without the checks."""
    for column in columns:
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

    operations = [
        migrations.SeparateDatabaseAndState(
            database_operations=[
                migrations.RunPython(make_columns_optional, migrations.RunPython.noop)
            ],
            state_operations=[
                migrations.AlterField("usagerecord", "series", models.ForeignKey(**SERIES)),
                *(
                    migrations.RemoveConstraint("usagerecord", f"usagerecord_{name}")
                    for name in CHECKS
                ),
                *(migrations.RemoveField("usagerecord", name) for name in FORMER),
                *(
                    migrations.AddField("usagerecord", f"former_{name}", field)
                    for name, field in FORMER.items()
                ),
            ],
        ),
    ]
