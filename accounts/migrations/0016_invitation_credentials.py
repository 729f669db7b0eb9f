from django.db import migrations

import accounts.fields


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0015_second_factors"),
    ]

    operations = [
        migrations.AddField(
            model_name="invitation",
            name="sent_with",
            field=accounts.fields.CreatedWithField(
                blank=True, db_default="", default="", editable=False, max_length=40
            ),
        ),
    ]
