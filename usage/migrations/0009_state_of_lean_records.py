"""The state after the migration before. Nothing is changed in the database, so nothing is locked."""

import django.db.models.deletion
from django.db import migrations, models

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


class Migration(migrations.Migration):
    atomic = False
    dependencies = [("usage", "0008_lean_records")]

    operations = [
        migrations.SeparateDatabaseAndState(
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
