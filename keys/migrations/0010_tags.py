"""Tags of API keys, by day."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("keys", "0009_budgets"),
        ("projects", "0008_tags"),
    ]

    operations = [
        migrations.CreateModel(
            name="KeyTag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40)),
                ("starts_on", models.DateField()),
                ("ends_on", models.DateField(null=True)),
                (
                    "api_key",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tag_periods",
                        to="keys.apikey",
                    ),
                ),
                (
                    "tag",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="projects.tag",
                    ),
                ),
            ],
        ),
        migrations.AddConstraint(
            model_name="keytag",
            constraint=models.UniqueConstraint(
                fields=("api_key", "name", "starts_on"), name="keytag_starts_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="keytag",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_on", None), ("ends_on__gt", models.F("starts_on")), _connector="OR"
                ),
                name="keytag_ends_after_start",
            ),
        ),
    ]
