"""Keeps the right to read usage with each secret, so that an external who rotates a key gets none."""

from django.db import migrations, models
from django.db.models import OuterRef, Subquery


def take_over(apps, schema_editor):
    rights = apps.get_model("keys", "ApiKey").objects.filter(pk=OuterRef("api_key"))
    apps.get_model("keys", "KeySecret").objects.update(
        may_read_usage=Subquery(rights.values("may_read_usage"))
    )


class Migration(migrations.Migration):
    dependencies = [("keys", "0002_default_keys")]
    operations = [
        migrations.AddField(
            model_name="keysecret",
            name="may_read_usage",
            field=models.BooleanField(default=False, editable=False),
            preserve_default=False,
        ),
        migrations.RunPython(take_over, migrations.RunPython.noop),
        migrations.RemoveField(model_name="apikey", name="may_read_usage"),
    ]
