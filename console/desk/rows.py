"""What the desk's sections consist of, and the addresses of rows and lists in Django admin."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Model
from django.urls import reverse


@dataclass(frozen=True)
class DeskRow:
    """One line: what it is with a note below, two more columns, and a button for what it needs.

    `tone` gives the third column a color: warn after a long wait, bad at a limit. `instead` is the reason
    why there is no button.
    """

    label: str
    url: str
    note: str = ""
    second: str = ""
    third: str = ""
    tone: str = ""
    button: str = ""
    button_url: str = ""
    instead: str = ""


@dataclass(frozen=True)
class DeskSection:
    """`total` counts all rows, `rows` are the first of them, `url` is the list of all if there is one."""

    title: str
    empty: str
    rows: list[DeskRow]
    total: int
    url: str = ""
    link: str = ""
    columns: tuple[str, ...] = ("", "", "")

    @property
    def hidden(self) -> int:
        """The number of rows that the section does not show."""
        return self.total - len(self.rows)


def change_url(row: Model) -> str:
    """Returns the address of the row's page in Django admin."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def list_url(model: type[Model], **query: object) -> str:
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return f"{address}?{urlencode(query)}" if query else address
