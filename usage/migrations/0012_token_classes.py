"""Adds classes of tokens to the inference product that consoles were once filled with.

Nothing that is there changes. The new line items get prices only where those of input tokens are still the
ones of the preset: an operator who sets their own sets these too.
"""

from typing import Any

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

PRODUCT = "serverless-inference"
# In 10⁻¹² USD, by model.
INPUT = {"": 880_000, "llama-3.1-8b": 180_000, "deepseek-r1": 3_000_000}
# Code, name, where the usage API counts it, prices.
CLASSES: list[tuple[str, str, str, dict[str, int]]] = [
    (
        "cached_input_tokens",
        "Cached input tokens",
        "completions.input_cached_tokens",
        {"": 440_000, "llama-3.1-8b": 90_000, "deepseek-r1": 1_500_000},
    ),
    (
        "cache_write_tokens",
        "Cache write tokens",
        "completions.input_tokens",
        {"": 1_100_000, "llama-3.1-8b": 225_000, "deepseek-r1": 3_750_000},
    ),
    ("reasoning_tokens", "Reasoning tokens", "", {"": 0}),
]


def add_classes(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    items: Any = apps.get_model("usage", "LineItem").objects
    prices: Any = apps.get_model("usage", "Price").objects
    sent = items.filter(product__code=PRODUCT, code="input_tokens", unit="token").first()
    if sent is None:
        return
    own = list(prices.filter(line_item=sent).values_list("model", "unit_price", "starts_on"))
    is_of_preset = len(own) == len(INPUT) and {(m, p) for m, p, _ in own} == set(INPUT.items())
    for code, name, reported_as, by_model in CLASSES:
        item, is_new = items.get_or_create(
            product=sent.product,
            code=code,
            defaults={"name": name, "unit": "token", "reported_as": reported_as},
        )
        if not is_new or not is_of_preset:
            continue
        starts_on = max(day for _, _, day in own)
        for model, unit_price in by_model.items():
            prices.create(line_item=item, model=model, unit_price=unit_price, starts_on=starts_on)


class Migration(migrations.Migration):
    dependencies = [("usage", "0011_saved_views")]

    operations = [migrations.RunPython(add_classes, migrations.RunPython.noop)]
