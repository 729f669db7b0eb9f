"""Seeds the catalogue of the reference platform, with a default price for every line item."""

import datetime as dt

from django.db import migrations

FIRST_DAY = dt.date(2020, 1, 1)
# What of it is counted: code, name, unit, whether its records are requests, default price in 10⁻¹² USD.
INPUT = ("input_tokens", "Input tokens", "token", False, 880_000)
OUTPUT = ("output_tokens", "Output tokens", "token", True, 880_000)
STORED = ("gb_hours", "GB-hours", "gb-hour", False, 137_000_000)
CATALOGUE = [
    # code, name, multi-project, playground, what it is, line items
    ("instant-clusters", "Instant Clusters", True, False, "GPU clusters by the hour",
     [("gpu_hours", "GPU hours", "gpu-hour", False, 2_990_000_000_000)]),
    ("dedicated-endpoints", "Dedicated Endpoints", False, False, "Models on GPUs of your own",
     [("gpu_hours", "GPU hours", "gpu-hour", False, 3_360_000_000_000)]),
    ("volumes", "Volumes", False, False, "Storage that clusters share", [STORED]),
    ("fine-tuned-models", "Fine-tuned Models", False, False, "Training models on your data",
     [("trained_tokens", "Trained tokens", "token", False, 480_000)]),
    ("evaluations", "Evaluations", False, False, "Judging the answers of models",
     [("judged_tokens", "Judged tokens", "token", False, 600_000)]),
    ("files", "Files", False, False, "Uploaded data sets and results", [STORED]),
    ("serverless-inference", "Serverless inference", True, False, "Models by the token",
     [INPUT, OUTPUT]),
    ("playground", "Playground", False, True, "Trying models in the browser", [INPUT, OUTPUT]),
    ("code-interpreter", "Code interpreter", True, False, "Running code in sandboxes",
     [("sessions", "Sessions", "session", True, 30_000_000_000)]),
]  # fmt: skip
# Where a model has a price of its own.
OF_MODELS = [
    ("serverless-inference", "input_tokens", "llama-3.1-8b", 180_000),
    ("serverless-inference", "output_tokens", "llama-3.1-8b", 180_000),
    ("serverless-inference", "input_tokens", "deepseek-r1", 3_000_000),
    ("serverless-inference", "output_tokens", "deepseek-r1", 7_000_000),
    ("instant-clusters", "gpu_hours", "h200-sxm", 3_790_000_000_000),
    ("instant-clusters", "gpu_hours", "b200-sxm", 5_500_000_000_000),
]


def seed(apps, schema_editor):
    product = apps.get_model("usage", "Product").objects
    price = apps.get_model("usage", "Price").objects
    line_items = {}
    apps.get_model("usage", "ModelName").objects.create(name="")
    for code, name, multi_project, is_playground, description, items in CATALOGUE:
        made = product.create(
            code=code,
            name=name,
            multi_project=multi_project,
            is_playground=is_playground,
            description=description,
        )
        for item, title, unit, counts_requests, unit_price in items:
            row = made.line_items.create(
                code=item, name=title, unit=unit, counts_requests=counts_requests
            )
            line_items[code, item] = row
            price.create(line_item=row, unit_price=unit_price, starts_on=FIRST_DAY)
    for code, item, model, unit_price in OF_MODELS:
        price.create(
            line_item=line_items[code, item],
            model=model,
            unit_price=unit_price,
            starts_on=FIRST_DAY,
        )


class Migration(migrations.Migration):
    replaces = [("usage", "0002_catalogue")]
    dependencies = [("usage", "0001_squashed")]

    operations = [migrations.RunPython(seed, migrations.RunPython.noop)]
