"""Rows that were just created: the URL of their list names them, and the list shows them first and marked."""

import re
from collections.abc import Iterable, Sequence
from typing import Any, TypeVar, cast
from urllib.parse import urlencode

from django.db.models import Model, QuerySet
from django.http import QueryDict

PARAMETER = "new"
LABEL = "New"
# No list shows more of them: beyond that they stand where the order puts them.
MOST = 50
PUBLIC_ID = re.compile(r"[a-z]{1,20}_[0-9A-Za-z]{1,40}")
Row = TypeVar("Row", bound=Model)


def mark_new(list_url: str, ids: Iterable[str]) -> str:
    """Returns the URL of a list that marks the rows with these public ids; without any, `list_url`."""
    named = ",".join(list(ids)[:MOST])
    if not named:
        return list_url
    # Pending invitations are a table of their own, below that of the people.
    place = "new-invitation" if named.startswith("invitation_") else "new"
    return f"{list_url}?{urlencode({PARAMETER: named}, safe=',')}#{place}"


def read_new_ids(query: QueryDict) -> list[str]:
    """Returns the public ids in the URL of a list. It may name rows that are not of the list."""
    ids = query.get(PARAMETER, "").split(",")[:MOST]
    return [text for text in ids if PUBLIC_ID.fullmatch(text)]


def get_mark(row: Any, ids: Sequence[str]) -> str:
    """Returns the badge of the row: `LABEL` if `ids` name it, otherwise an empty text."""
    return LABEL if row.public_id in ids else ""


def put_new_first(rows: Sequence[Row], listed: QuerySet[Row], ids: Sequence[str]) -> list[Row]:
    """Returns the rows of a page with those of `listed` first that `ids` name, in their order."""
    if not ids:
        return list(rows)
    by_id = {row.public_id: row for row in cast("Iterable[Any]", listed.filter(public_id__in=ids))}
    new = [by_id[public_id] for public_id in ids if public_id in by_id]
    return [*new, *(row for row in rows if row not in new)]
