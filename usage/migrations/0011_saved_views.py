"""Views of usage that people saved."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import accounts.fields


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0021_password_changed_at"),
        ("projects", "0007_external_activity"),
        ("usage", "0010_prices_of_organizations"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="SavedView",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "public_id",
                    accounts.fields.PublicIdField(
                        "view", editable=False, max_length=25, unique=True
                    ),
                ),
                ("name", accounts.fields.NameField(max_length=100)),
                ("query", models.CharField(blank=True, max_length=2000)),
                ("number", models.PositiveSmallIntegerField()),
                ("created_at", models.DateTimeField()),
                (
                    "organization",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="accounts.organization",
                    ),
                ),
                (
                    "project",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="projects.project",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_index=False,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="saved_views",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "ordering": ("user", "organization", "number"),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("user", "organization", "name"), name="savedview_name_once"
                    ),
                    models.UniqueConstraint(
                        fields=("user", "organization", "number"), name="savedview_number_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("number__gte", 1), ("number__lte", 20)),
                        name="savedview_at_most_twenty",
                    ),
                ],
            },
        ),
    ]
