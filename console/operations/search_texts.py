"""Fills the folded columns of rows that the version before wrote while this one was installed."""

from typing import Any

from django.apps import apps
from django.db import models, transaction

from accounts.searching import Searchable, search_text_field

BATCH_ROWS = 500


def refresh_search_texts(*, every_row: bool) -> int:
    """Fills `search_text` where it is empty, and returns how many rows changed.

    With `every_row` it also corrects those that differ, which reads all rows: after migrations, because the
    version before renames rows without it. Each batch is a transaction of its own, so an interrupted run is
    continued by the next one.
    """
    searchable = [model for model in apps.get_models() if issubclass(model, Searchable)]
    return sum(refresh_model(model, every_row=every_row) for model in searchable)


def refresh_model(model: type[models.Model], *, every_row: bool) -> int:
    field, rows = search_text_field(model), model._default_manager.order_by("pk")
    candidates = rows if every_row else rows.filter(search_text="")
    stored = candidates.only("pk", "search_text", *field.sources).iterator(chunk_size=2_000)
    outdated = [row.pk for row in stored if is_outdated(row)]
    for start in range(0, len(outdated), BATCH_ROWS):
        refresh_batch(rows, outdated[start : start + BATCH_ROWS])
    return len(outdated)


def refresh_batch(rows: models.QuerySet[Any], keys: list[int]) -> None:
    """Locks the rows in the order of their keys, as everything does, and corrects them."""
    with transaction.atomic():
        locked = list(rows.filter(pk__in=keys).select_for_update(no_key=True, of=("self",)))
        for row in locked:
            row.search_text = search_text_field(type(row)).compute(row)
        rows.model._default_manager.bulk_update(locked, ["search_text"])


def is_outdated(row: Any) -> bool:
    return bool(row.search_text != search_text_field(type(row)).compute(row))
