"""The query string of a list: its text filter, choices and sort order, read from and written to URLs."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any, ClassVar, Self
from urllib.parse import urlencode

from django.http import QueryDict

from accounts.web.pagination import Order

FILTER_LENGTH = 100


@dataclass(frozen=True)
class SortLink:
    """The URL of a column's heading, and how the list is sorted by the column now (ARIA's words)."""

    url: str
    direction: str


def filter_text(text: str) -> str:
    """Returns a text to search for, without NUL (PostgreSQL refuses it) and no longer than a name."""
    return text.replace("\x00", "").strip()[:FILTER_LENGTH]


def make_orders(**keys: str) -> dict[str, Order]:
    """Returns the orders of a list by name, ascending and (`-name`) descending; values are sort keys."""
    orders = {name: Order(key) for name, key in keys.items()}
    return orders | {f"-{name}": order.opposite() for name, order in orders.items()}


@dataclass(frozen=True)
class ListQuery:
    """The parameters in a list's URL. Unknown values are dropped, as if they were not there.

    Each list has a subclass, whose fields are its parameters besides `q` and `sort`.
    """

    q: str = ""
    sort: str = ""

    # For parameters with a fixed set of values: their labels by value.
    choices: ClassVar[Mapping[str, Mapping[str, str]]] = {}
    orders: ClassVar[Mapping[str, Order]] = {}
    default_sort: ClassVar[str] = ""
    # Parameters that arrange the list, but leave no rows out.
    arranging: ClassVar[tuple[str, ...]] = ("sort",)

    @classmethod
    def parse(cls, query: QueryDict) -> Self:
        return cls(
            **{
                field.name: cls.clean(field.name, query.get(field.name, ""))
                for field in fields(cls)
            }
        )

    @classmethod
    def clean(cls, name: str, text: str) -> Any:
        """Returns the value of the parameter `name`; the empty value of its field if `text` is invalid."""
        if name == "sort":
            return text if text in cls.orders else ""
        if name in cls.choices:
            return text if text in cls.choices[name] else ""
        return filter_text(text)

    @property
    def is_filtered(self) -> bool:
        """Whether rows may be left out."""
        arranging = {name: getattr(self, name) for name in self.arranging}
        return self != type(self)(**arranging)

    @property
    def sorted_by(self) -> str:
        return self.sort or self.default_sort

    @property
    def order(self) -> Order:
        return self.orders[self.sorted_by]

    @property
    def parameters(self) -> dict[str, str]:
        """The parameters of a URL with this query."""
        values = asdict(self)
        values["sort"] = values.pop("sort")  # last, after what the list is filtered by
        return {name: str(value) for name, value in values.items() if value}

    def url(self, **changes: object) -> str:
        """Returns the query string with `changes`, such as `?q=text`; empty if nothing is set."""
        query = urlencode({k: v for k, v in {**self.parameters, **changes}.items() if v})
        return f"?{query}" if query else ""

    def sort_links(self, names: Iterable[str]) -> dict[str, SortLink]:
        """Returns a link for each sortable column; a second click reverses the order."""
        links = {}
        for name in names:
            sort = f"-{name}" if self.sorted_by == name else name
            direction = {name: "ascending", f"-{name}": "descending"}.get(self.sorted_by, "")
            links[name] = SortLink(self.url(sort=sort), direction)
        return links
