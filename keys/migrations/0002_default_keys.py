"""Gives every organization that was made before there were keys its Default Key."""

from django.db import migrations

from accounts.fields import random_text
from accounts.sealing import sealed
from keys.formats import Prefix, digest, hint_of, new_secret, peppers


def make_default_keys(apps, schema_editor):
    ApiKey = apps.get_model("keys", "ApiKey")
    KeySecret = apps.get_model("keys", "KeySecret")
    projects = apps.get_model("projects", "Project").objects.filter(is_default=True)
    for project in projects.exclude(api_keys__kind="default").order_by("pk").iterator():
        secret, public_id, pepper = (
            new_secret(Prefix.DEFAULT_KEY),
            f"key_{random_text()}",
            peppers()[0],
        )
        key = ApiKey.objects.create(
            public_id=public_id,
            project=project,
            kind="default",
            name="Organization Default Key",
            may_read_usage=True,
            sealed_secret=sealed(secret, purpose=f"key {public_id}"),
        )
        KeySecret.objects.create(
            api_key=key, mac=digest(secret, pepper), pepper_id=pepper.id, hint=hint_of(secret)
        )


class Migration(migrations.Migration):
    dependencies = [("keys", "0001_initial"), ("projects", "0003_slugs_and_vouchers")]
    operations = [migrations.RunPython(make_default_keys, migrations.RunPython.noop)]
