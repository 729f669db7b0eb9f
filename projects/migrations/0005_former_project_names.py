"""Keeps the name that a project had when somebody's access ended; of those before, the present name."""

from django.db import migrations
from django.db.models import OuterRef, Subquery

import accounts.fields


def fill_names(apps, schema_editor):
    names = apps.get_model("projects", "Project").objects.filter(pk=OuterRef("project_id"))
    periods = apps.get_model("projects", "CollaborationPeriod").objects
    periods.filter(ended_at__isnull=False, project_name="").update(
        project_name=Subquery(names.values("name")[:1])
    )


class Migration(migrations.Migration):
    dependencies = [("projects", "0004_search_texts")]

    operations = [
        migrations.AddField(
            model_name="collaborationperiod",
            name="project_name",
            field=accounts.fields.NameField(
                blank=True, db_default="", editable=False, max_length=100
            ),
        ),
        migrations.RunPython(fill_names, migrations.RunPython.noop),
    ]
