"""Waiting tasks are stored with the path of their function, and that of failed sign-ins has moved."""

from django.db import migrations

FORMER, PRESENT = "accounts.sign_in_tasks.failed_sign_in", "accounts.sign_in.tasks.failed_sign_in"


def move(apps, schema_editor):
    results = apps.get_model("django_tasks_database", "DBTaskResult").objects
    results.filter(task_path=FORMER).update(task_path=PRESENT)


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0001_squashed"),
        ("django_tasks_database", "0001_initial"),
    ]

    operations = [migrations.RunPython(move, migrations.RunPython.noop)]
