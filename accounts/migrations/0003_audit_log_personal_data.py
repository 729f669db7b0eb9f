"""Personal data of audit events in a table of its own, and a pattern instead of the list of actions."""

import django.db.models.deletion
import django.db.models.functions.text
from django.db import migrations, models

import accounts.models.audit


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0002_move_waiting_tasks"),
    ]

    operations = [
        migrations.CreateModel(
            name="PersonalData",
            fields=[
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="stored_personal_data",
                        serialize=False,
                        to="accounts.auditevent",
                    ),
                ),
                ("salt", models.CharField(default=accounts.models.audit.new_salt, max_length=32)),
                ("actor_label", models.CharField(blank=True, max_length=254)),
                ("target_label", models.CharField(blank=True, max_length=254)),
                ("before", models.JSONField(default=dict)),
                ("after", models.JSONField(default=dict)),
                ("ip", models.GenericIPAddressField(null=True)),
                ("agent", models.CharField(blank=True, max_length=200)),
            ],
            options={
                "db_table": "accounts_auditpersonaldata",
            },
        ),
        migrations.RemoveConstraint(
            model_name="auditevent",
            name="auditevent_act_known",
        ),
        migrations.AddField(
            model_name="auditevent",
            name="actor_kind",
            field=models.CharField(blank=True, db_default="", max_length=20),
        ),
        migrations.AddField(
            model_name="auditevent",
            name="credential",
            field=models.CharField(blank=True, db_default="", max_length=60),
        ),
        migrations.AddField(
            model_name="auditevent",
            name="hash_version",
            field=models.PositiveSmallIntegerField(db_default=1, default=2),
        ),
        migrations.AddField(
            model_name="auditevent",
            name="pepper_id",
            field=models.CharField(blank=True, db_default="", max_length=8),
        ),
        migrations.AddField(
            model_name="auditevent",
            name="personal_digest",
            field=models.CharField(blank=True, db_default="", max_length=64),
        ),
        migrations.AlterField(
            model_name="auditevent",
            name="act",
            field=models.CharField(choices=accounts.models.audit.act_choices, max_length=40),
        ),
        migrations.AddConstraint(
            model_name="auditevent",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("act__contains", "."),
                    models.Q(("act__startswith", "."), _negated=True),
                    models.Q(("act__endswith", "."), _negated=True),
                    ("act", django.db.models.functions.text.Lower("act")),
                ),
                name="auditevent_act_pattern",
            ),
        ),
    ]
