"""The columns of a table, by which its head and its rows are labelled."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from accounts.web.list_query import SortLink


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, which each cell repeats as its label where the screen is narrow."""

    label: str
    css_class: str = ""
    sort: SortLink | None = None
    # Only read out, because what is in the column explains itself to the eye.
    is_label_hidden: bool = False


def link_columns(columns: Mapping[str, Column], links: Mapping[str, SortLink]) -> dict[str, Column]:
    """Returns the columns by name; the headings of those that `links` has lead to the sorted list."""
    return {name: replace(column, sort=links.get(name)) for name, column in columns.items()}
