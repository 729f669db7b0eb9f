"""Limits the lookups of lists in Django admin to the filters they declare.

By default Django admin accepts lookups of any column in the URL (`?password__startswith=…`), which discloses
values that no page shows.
"""

from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.utils import get_fields_from_path
from django.db.models import Model
from django.http import HttpRequest


class DeclaredLookups:
    """Allows the parameters of `list_filter`, and `linked_lookups`, which other pages link to."""

    linked_lookups: tuple[str, ...] = ()

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        page = cast("admin.ModelAdmin[Any]", self)
        declared = {
            name for item in page.list_filter for name in filter_parameters(page.model, item)
        }
        return lookup in declared.union(self.linked_lookups)


def filter_parameters(model: type[Model], item: Any) -> tuple[str, ...]:
    """Returns the URL parameters that an item of a model's `list_filter` reads."""
    if isinstance(item, str):
        related = get_fields_from_path(model, item)[-1].is_relation
        return (f"{item}__id__exact" if related else f"{item}__exact", f"{item}__isnull")
    if isinstance(item, tuple):
        field, kind = item
        assert kind is admin.EmptyFieldListFilter, f"declare the parameters of {kind.__name__}"
        return (f"{field}__isempty",)
    return (item.parameter_name,)
