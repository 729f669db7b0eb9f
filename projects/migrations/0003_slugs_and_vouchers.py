"""Writes down the slugs projects have, and has whoever added an external vouch for them."""

from typing import Any

from django.db import migrations, models


def fill(apps: Any, schema_editor: Any) -> None:
    slugs = apps.get_model("projects", "ProjectSlug")
    projects = apps.get_model("projects", "Project").objects
    slugs.objects.bulk_create(
        [slugs(slug=slug, project_id=pk) for pk, slug in projects.values_list("pk", "slug")]
    )
    collaborators = apps.get_model("projects", "Collaborator").objects
    collaborators.filter(membership__isnull=True).update(vouched_by=models.F("added_by"))


class Migration(migrations.Migration):
    dependencies = [("projects", "0002_projects_whole")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
