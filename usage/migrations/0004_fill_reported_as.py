"""Fills in where the usage API counts the line items that consoles were once filled with."""

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

REPORTED = {
    ("serverless-inference", "input_tokens"): "completions.input_tokens",
    ("serverless-inference", "output_tokens"): "completions.output_tokens",
    ("playground", "input_tokens"): "completions.input_tokens",
    ("playground", "output_tokens"): "completions.output_tokens",
    ("code-interpreter", "sessions"): "code_interpreter_sessions.num_sessions",
}


def fill(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    items = apps.get_model("usage", "LineItem").objects
    for (product, code), field in REPORTED.items():
        items.filter(product__code=product, code=code).update(reported_as=field)


class Migration(migrations.Migration):
    dependencies = [("usage", "0003_reported_as")]

    operations = [migrations.RunPython(fill, migrations.RunPython.noop)]
