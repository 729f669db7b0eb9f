"""Writes that ask neither the model nor a service."""

from typing import Any

from django.db import models


def changed(row: models.Model, **values: Any) -> int:
    """One UPDATE that asks neither the model nor a service."""
    return type(row)._default_manager.filter(pk=row.pk).update(**values)


def copied(row: models.Model, **values: Any) -> list[models.Model]:
    """One INSERT of a second row like `row`, with a public id of its own."""
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    same = {field.attname: getattr(row, field.attname) for field in fields}
    if "public_id" in same:
        same["public_id"] = row._meta.get_field("public_id").get_default()
    manager = type(row)._default_manager
    return manager.bulk_create([type(row)(**{**same, **values})])
