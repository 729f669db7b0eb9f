import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("keys", "0003_terminal_end_labels"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AlterField(
            model_name="devicelogin",
            name="decided_by",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="device_logins",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RemoveConstraint(
            model_name="terminalsession", name="terminalsession_ends_for_a_reason"
        ),
        migrations.AlterField(
            model_name="terminalsession",
            name="ended_because",
            field=models.CharField(
                blank=True,
                choices=[
                    ("by_hand", "Signed out on the Terminals page"),
                    ("by_client", "Signed out in the terminal"),
                    ("reuse", "A refresh token was used twice, which suggests theft"),
                    ("password", "The password was changed"),
                    ("leak", "A token was found in public"),
                    ("account", "The account was deactivated"),
                ],
                editable=False,
                max_length=10,
            ),
        ),
        migrations.AddConstraint(
            model_name="terminalsession",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ended_at__isnull", True), ("ended_because", "")),
                    models.Q(
                        ("ended_at__isnull", False),
                        (
                            "ended_because__in",
                            ["by_hand", "by_client", "reuse", "password", "leak", "account"],
                        ),
                    ),
                    _connector="OR",
                ),
                name="terminalsession_ends_for_a_reason",
            ),
        ),
    ]
