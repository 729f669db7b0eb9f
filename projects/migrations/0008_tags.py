"""Tags, and those of projects by day."""

import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0021_password_changed_at"),
        ("projects", "0007_external_activity"),
    ]

    operations = [
        migrations.CreateModel(
            name="Tag",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("name", models.CharField(max_length=40)),
                ("value", models.CharField(max_length=100)),
                (
                    "organization",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tags",
                        to="accounts.organization",
                    ),
                ),
            ],
            options={
                "ordering": ("name", "value"),
            },
        ),
        migrations.CreateModel(
            name="ProjectTag",
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
                    "project",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="tag_periods",
                        to="projects.project",
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
            model_name="tag",
            constraint=models.UniqueConstraint(
                fields=("organization", "name", "value"), name="tag_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("name", ""), _negated=True),
                    django.db.models.lookups.LessThanOrEqual(
                        django.db.models.functions.text.Length("name"), 40
                    ),
                    django.db.models.lookups.Exact(
                        models.Func(
                            "name",
                            models.Value("abcdefghijklmnopqrstuvwxyz0123456789_-"),
                            function="LTRIM",
                            output_field=models.TextField(),
                        ),
                        models.Value(""),
                    ),
                    django.db.models.lookups.Exact(
                        models.Func(
                            django.db.models.functions.text.Substr("name", 1, 1),
                            models.Value("abcdefghijklmnopqrstuvwxyz"),
                            function="LTRIM",
                            output_field=models.TextField(),
                        ),
                        models.Value(""),
                    ),
                ),
                name="tag_name_pattern",
            ),
        ),
        migrations.AddConstraint(
            model_name="tag",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("value", ""), _negated=True),
                    django.db.models.lookups.LessThanOrEqual(
                        django.db.models.functions.text.Length("value"), 100
                    ),
                    models.Q(("value", "none"), _negated=True),
                    models.Q(("value__contains", "\n"), _negated=True),
                    models.Q(("value__contains", "\r"), _negated=True),
                    models.Q(("value__contains", "\t"), _negated=True),
                ),
                name="tag_value_on_one_line",
            ),
        ),
        migrations.AddConstraint(
            model_name="projecttag",
            constraint=models.UniqueConstraint(
                fields=("project", "name", "starts_on"), name="projecttag_starts_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="projecttag",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_on", None), ("ends_on__gt", models.F("starts_on")), _connector="OR"
                ),
                name="projecttag_ends_after_start",
            ),
        ),
    ]
