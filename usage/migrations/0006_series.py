"""The table of series, and how far the walk has come that finds those of existing records."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.models import F, Q, Value
from django.db.models.functions import Coalesce

REASONS = [
    (1, "playground"),
    (2, "key_project"),
    (3, "token_project"),
    (4, "product_not_multi_project"),
    (5, "external_home"),
    (6, "no_project"),
]
KINDS = [(1, "Usage"), (2, "Void"), (3, "Adjustment"), (4, "Moved out"), (5, "Moved in")]


def reference(to: str, *, column: str | None = None, null: bool = False) -> models.ForeignKey:  # type: ignore[type-arg]
    return models.ForeignKey(
        db_column=column,
        db_index=False,
        null=null,
        on_delete=django.db.models.deletion.PROTECT,
        related_name="+",
        to=to,
    )


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_squashed"),
        ("keys", "0001_squashed"),
        ("projects", "0001_squashed"),
        ("usage", "0005_decisions_output"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Series",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("organization", reference("accounts.organization")),
                ("project", reference("projects.project")),
                (
                    "intended_organization",
                    reference("accounts.organization", column="meant_organization_id"),
                ),
                (
                    "intended_project",
                    reference("projects.project", column="meant_project_id", null=True),
                ),
                ("line_item", reference("usage.lineitem")),
                ("model", reference("usage.modelname")),
                ("unit_price", models.BigIntegerField()),
                ("api_key", reference("keys.apikey", null=True)),
                ("user", reference(settings.AUTH_USER_MODEL, null=True)),
                ("reason", models.PositiveSmallIntegerField(choices=REASONS)),
                ("kind", models.PositiveSmallIntegerField(choices=KINDS)),
                ("requests", models.SmallIntegerField()),
            ],
            options={
                "verbose_name_plural": "series",
                "constraints": [
                    models.UniqueConstraint(
                        *(F("organization"), F("project"), F("intended_organization")),
                        Coalesce("intended_project", Value(0)),
                        *(F("line_item"), F("model"), F("unit_price")),
                        Coalesce("api_key", Value(0)),
                        Coalesce("user", Value(0)),
                        *(F("reason"), F("kind"), F("requests")),
                        name="series_once",
                    ),
                    models.CheckConstraint(
                        condition=Q(reason__in=[1, 2, 3, 4, 5, 6]), name="series_reason_known"
                    ),
                    models.CheckConstraint(
                        condition=Q(kind__in=[1, 2, 3, 4, 5]), name="series_kind_known"
                    ),
                    models.CheckConstraint(
                        condition=Q(unit_price__gte=0, requests__gte=-1, requests__lte=1),
                        name="series_amounts_sane",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="SeriesWalk",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reached", models.BigIntegerField(default=0)),
                ("finished_at", models.DateTimeField(null=True)),
            ],
        ),
        migrations.RunPython(
            lambda apps, schema_editor: apps.get_model("usage", "SeriesWalk").objects.create(),
            migrations.RunPython.noop,
        ),
    ]
