"""Records get a series. Alone, so that PostgreSQL locks the table for a moment only."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("usage", "0006_series")]

    operations = [
        migrations.AddField(
            model_name="usagerecord",
            name="series",
            field=models.ForeignKey(
                db_constraint=False,
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="usage.series",
            ),
        ),
    ]
