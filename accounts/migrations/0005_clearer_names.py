"""Names a field after what it holds, without touching its column, and updates texts of choices."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from accounts.fields import AddressField


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0004_access_periods"),
    ]

    operations = [
        # First the column's present name, so that the renamed field keeps it: the release before still uses it.
        migrations.AlterField(
            model_name="supportrequest",
            name="asked_by",
            field=models.ForeignKey(
                db_column="asked_by_id",
                on_delete=django.db.models.deletion.PROTECT,
                related_name="support_requests",
                to=settings.AUTH_USER_MODEL,
            ),
        ),
        migrations.RenameField(
            model_name="supportrequest", old_name="asked_by", new_name="requested_by"
        ),
        migrations.AlterField(
            model_name="mutednotification",
            name="kind",
            field=models.CharField(
                choices=[
                    ("new_sign_in", "Someone signs in to my account from a new browser"),
                    ("role_changed", "My role in an organization or project changes"),
                    ("project_removed", "I am removed from a project"),
                    ("access_ending", "My access to a project is about to end"),
                    (
                        "key_ending",
                        "An API key that I created or administer expires soon or was revoked by a key policy",
                    ),
                ],
                max_length=20,
            ),
        ),
        migrations.AlterField(
            model_name="user",
            name="email",
            field=AddressField(
                error_messages={"unique": "This email address is already in use."},
                max_length=254,
                unique=True,
                verbose_name="email address",
            ),
        ),
    ]
