"""Pagination of long lists with keyset cursors in the links, so that page 190 costs the same as page 1.

A link has the page's number, for display, and a cursor with the sort key of the row it continues from. A
URL with only a number works too, by counting rows.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from urllib.parse import urlencode

from django.core.exceptions import BadRequest, ValidationError
from django.db.models import Model, Q, QuerySet
from django.http import QueryDict

from accounts.web.cursors import decode_cursor, encode_cursor
from accounts.web.new_rows import PARAMETER

PAGE_SIZE = 50
NOT_A_CURSOR = "after/before: not a cursor of this list"
Row = TypeVar("Row", bound=Model)
Item = TypeVar("Item")


@dataclass(frozen=True)
class Order:
    """Orders rows by `key`, then primary key. `key` is a field or annotation that is never null."""

    key: str
    descending: bool = False

    def opposite(self) -> "Order":
        return Order(self.key, not self.descending)

    def apply(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        sign = "-" if self.descending else ""
        return rows.order_by(f"{sign}{self.key}", f"{sign}pk")

    def after(self, cursor: tuple[str, int]) -> Q:
        """Returns the condition of rows after `cursor`, in a form for which both databases use an index."""
        value, pk = cursor
        than = "lt" if self.descending else "gt"
        return Q(**{f"{self.key}__{than}e": value}) & (
            Q(**{f"{self.key}__{than}": value}) | Q(**{f"pk__{than}": pk})
        )


@dataclass(frozen=True)
class Page(Generic[Item]):
    """The rows of a page, and the URLs of its neighbours ('' if there is no such page).

    `total` is the number of rows on all pages, and `start_url` the URL of the first page even on that page.
    """

    rows: list[Item]
    total: int
    number: int
    pages: int
    start_url: str
    first_url: str
    previous_url: str
    next_url: str
    last_url: str

    @property
    def exact_total(self) -> int:
        return self.total

    @property
    def is_vacated(self) -> bool:
        """Whether the page is empty although the list is not, such as after its rows were deleted."""
        return not self.rows and self.total > 0

    @property
    def label(self) -> str:
        return f"Page {self.number} of {self.pages}"


def encode_position(row: Model, order: Order) -> str:
    """Returns a cursor with the sort key and primary key of `row`."""
    value = getattr(row, order.key)
    text = value.isoformat() if hasattr(value, "isoformat") else str(value)
    return encode_cursor(text, row.pk)


def decode_position(text: str) -> tuple[str, int]:
    """Returns the sort key and primary key in a cursor. Raises BadRequest if it is not one of a list."""
    try:
        value, pk = decode_cursor(text)
    except ValueError as error:
        raise BadRequest(NOT_A_CURSOR) from error
    if not isinstance(value, str) or "\x00" in value or not isinstance(pk, int) or abs(pk) >= 2**63:
        raise BadRequest(NOT_A_CURSOR)
    return value, pk


def query_parameters(query: QueryDict) -> dict[str, str]:
    """Returns the parameters of a URL, the last value of each."""
    return {name: query.get(name, "") for name in query}


def page_number(text: str, pages: int) -> int:
    """Returns a page number from a URL, limited to 1 to `pages`."""
    number = int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 1
    return max(1, min(number, pages))


def paginate(rows: QuerySet[Row], order: Order, total: int, query: Mapping[str, str]) -> Page[Row]:
    """Returns the page of `rows` for `query`, the parameters of the URL; `total` is the number of all rows.

    Raises BadRequest for an invalid cursor.
    """
    pages = max(1, -(-total // PAGE_SIZE))
    number = page_number(query.get("page", "1"), pages)
    try:
        page_rows = fetch_rows(rows, order, total, number, query)
    except (ValidationError, ValueError, OverflowError) as error:
        raise BadRequest(NOT_A_CURSOR) from error
    kept = {k: v for k, v in query.items() if k not in ("page", "after", "before", PARAMETER) and v}

    def link(page: int, **cursor: str) -> str:
        return "?" + urlencode({**kept, "page": page, **cursor})

    first, last = number == 1, number == pages
    return Page(
        rows=page_rows,
        total=total,
        number=number,
        pages=pages,
        start_url=link(1),
        first_url="" if first else link(1),
        previous_url=""
        if first or not page_rows
        else link(
            number - 1, **({} if number == 2 else {"before": encode_position(page_rows[0], order)})
        ),
        next_url=""
        if last or not page_rows
        else link(number + 1, after=encode_position(page_rows[-1], order)),
        last_url="" if last else link(pages),
    )


def paginate_sorted(
    rows: Sequence[Item], query: Mapping[str, str], size: int = PAGE_SIZE
) -> Page[Item]:
    """Returns the page of `rows` that are sorted already, for `query`, the parameters of the URL."""
    pages = max(1, -(-len(rows) // size))
    number = page_number(query.get("page", "1"), pages)
    kept = {name: value for name, value in query.items() if name != "page" and value}

    def link(page: int) -> str:
        return "?" + urlencode({**kept, "page": page})

    first, last = number == 1, number == pages
    return Page(
        rows=list(rows[(number - 1) * size : number * size]),
        total=len(rows),
        number=number,
        pages=pages,
        start_url=link(1),
        first_url="" if first else link(1),
        previous_url="" if first else link(number - 1),
        next_url="" if last else link(number + 1),
        last_url="" if last else link(pages),
    )


def fetch_rows(
    rows: QuerySet[Row], order: Order, total: int, number: int, query: Mapping[str, Any]
) -> list[Row]:
    """Returns the rows of a page: after or before a cursor, else counted from the nearer end."""
    if after := query.get("after"):
        return list(order.apply(rows.filter(order.after(decode_position(after))))[:PAGE_SIZE])
    back = order.opposite()
    if before := query.get("before"):
        return list(back.apply(rows.filter(back.after(decode_position(before))))[:PAGE_SIZE])[::-1]
    start = (number - 1) * PAGE_SIZE
    if start <= total // 2:
        return list(order.apply(rows)[start : start + PAGE_SIZE])
    size = min(PAGE_SIZE, total - start)
    skipped = max(0, total - start - PAGE_SIZE)
    return list(back.apply(rows)[skipped : skipped + size])[::-1]
