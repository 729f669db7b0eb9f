"""The links of sortable column headings, and the text filter of a list, as the address has them."""

from collections.abc import Iterable
from dataclasses import dataclass

from django.http import QueryDict

FILTER_LENGTH = 100


@dataclass(frozen=True)
class SortLink:
    """Where a click on the heading leads, and how the list is sorted by it now (ARIA's words)."""

    url: str
    direction: str


def filter_text(text: str) -> str:
    """What to look for: no NUL (PostgreSQL refuses it), no more than a name can have."""
    return text.replace("\x00", "").strip()[:FILTER_LENGTH]


def sort_links(names: Iterable[str], sort: str, query: QueryDict) -> dict[str, SortLink]:
    """A link for each sortable column; a second click turns the order round."""
    links = {}
    for name in names:
        address = query.copy()
        for cursor in ("page", "after", "before"):
            address.pop(cursor, None)
        address["sort"] = f"-{name}" if sort == name else name
        direction = {name: "ascending", f"-{name}": "descending"}.get(sort, "")
        links[name] = SortLink(f"?{address.urlencode()}", direction)
    return links
