from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0019_factor_reset_mail"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="personaldata",
            index=models.Index(fields=["actor_label"], name="auditpersonaldata_by_actor"),
        ),
    ]
