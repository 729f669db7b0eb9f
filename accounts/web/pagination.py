"""Pages of long lists: keyset cursors in the links, so that page 190 costs what page 1 costs.

A link carries the page's number, for show, and the sort key of the row it continues from. An
address typed with a number alone works too, by counting rows.
"""

import base64
import binascii
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.core.exceptions import BadRequest, ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import QueryDict

PAGE_SIZE = 50
Row = TypeVar("Row", bound=Model)


@dataclass(frozen=True)
class Order:
    """Rows by `key` and then primary key; `key` is a field or annotation that is never null."""

    key: str
    descending: bool = False

    def opposite(self) -> "Order":
        return Order(self.key, not self.descending)

    def apply(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        sign = "-" if self.descending else ""
        return rows.order_by(f"{sign}{self.key}", f"{sign}pk")

    def after(self, cursor: tuple[str, int]) -> Q:
        """The rows that follow `cursor`; written so that both databases walk the index range."""
        value, pk = cursor
        than = "lt" if self.descending else "gt"
        return Q(**{f"{self.key}__{than}e": value}) & (
            Q(**{f"{self.key}__{than}": value}) | Q(**{f"pk__{than}": pk})
        )


@dataclass(frozen=True)
class Page(Generic[Row]):
    """The rows of one page and the addresses of its neighbours ('' where there is none)."""

    rows: list[Row]
    number: int
    pages: int
    first_url: str
    previous_url: str
    next_url: str
    last_url: str

    @property
    def label(self) -> str:
        return f"Page {self.number} of {self.pages}"


def encode_cursor(row: Model, order: Order) -> str:
    value = getattr(row, order.key)
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return base64.urlsafe_b64encode(json.dumps([text, row.pk]).encode()).decode().rstrip("=")


def decode_cursor(text: str) -> tuple[str, int]:
    """The cursor in an address; BadRequest for anything `encode_cursor` did not make."""
    try:
        value, pk = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except (binascii.Error, ValueError, TypeError, RecursionError) as error:
        raise BadRequest("after/before: not a cursor of this list") from error
    if not isinstance(value, str) or "\x00" in value or not isinstance(pk, int) or abs(pk) >= 2**63:
        raise BadRequest("after/before: not a cursor of this list")
    return value, pk


def query_parameters(query: QueryDict) -> dict[str, str]:
    """The parameters of an address, the last value of each."""
    return {name: query.get(name, "") for name in query}


def page_number(text: str, pages: int) -> int:
    """A page number from an address, kept within 1 and `pages`."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1
    return max(1, min(number, pages))


def paginate(rows: QuerySet[Row], order: Order, total: int, query: Mapping[str, str]) -> Page[Row]:
    """The page of `rows` that `query` (the address's parameters) asks for; `total` counts all rows.

    BadRequest for a cursor that is none.
    """
    pages = max(1, -(-total // PAGE_SIZE))
    number = page_number(query.get("page", "1"), pages)
    try:
        found = fetch_rows(rows, order, total, number, query)
    except (ValidationError, ValueError, OverflowError) as error:
        raise BadRequest("after/before: not a cursor of this list") from error
    kept = {k: v for k, v in query.items() if k not in ("page", "after", "before") and v}

    def link(page: int, **cursor: str) -> str:
        return "?" + urlencode({**kept, "page": page, **cursor})

    first, last = number == 1, number == pages
    return Page(
        rows=found,
        number=number,
        pages=pages,
        first_url="" if first else link(1),
        previous_url=""
        if first or not found
        else link(
            number - 1, **({} if number == 2 else {"before": encode_cursor(found[0], order)})
        ),
        next_url=""
        if last or not found
        else link(number + 1, after=encode_cursor(found[-1], order)),
        last_url="" if last else link(pages),
    )


def fetch_rows(
    rows: QuerySet[Row], order: Order, total: int, number: int, query: Mapping[str, Any]
) -> list[Row]:
    """The page's rows: after or before a cursor, else counted from whichever end is nearer."""
    if after := query.get("after"):
        return list(order.apply(rows.filter(order.after(decode_cursor(after))))[:PAGE_SIZE])
    back = order.opposite()
    if before := query.get("before"):
        return list(back.apply(rows.filter(back.after(decode_cursor(before))))[:PAGE_SIZE])[::-1]
    start = (number - 1) * PAGE_SIZE
    if start <= total // 2:
        return list(order.apply(rows)[start : start + PAGE_SIZE])
    size = min(PAGE_SIZE, total - start)
    skipped = max(0, total - start - PAGE_SIZE)
    return list(back.apply(rows)[skipped : skipped + size])[::-1]
