"""Limits the lookups of lists in Django admin to the filters they declare, and searches folded columns.

By default Django admin accepts lookups of any column in the URL (`?password__startswith=…`), which discloses
values that no page shows.
"""

from itertools import islice
from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.utils import get_fields_from_path
from django.db.models import Model, QuerySet
from django.http import HttpRequest
from django.utils.text import smart_split

from accounts.searching import MOST_WORDS, split_words


class DeclaredLookups:
    """Allows the parameters of `list_filter`, and `linked_lookups`, which other pages link to."""

    linked_lookups: tuple[str, ...] = ()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        """Searches for the first words as they were typed, and folded in folded columns."""
        page, search = cast("admin.ModelAdmin[Any]", self), admin.ModelAdmin.get_search_results
        search_term = " ".join(islice(smart_split(search_term), MOST_WORDS))
        matches, may_repeat = search(page, request, queryset, search_term)
        if (folded := " ".join(split_words(search_term))) != search_term:
            matches |= search(page, request, queryset, folded)[0]
        return matches, may_repeat

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
