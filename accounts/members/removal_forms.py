"""The form to remove a person and to revoke API keys they created."""

from functools import cached_property
from typing import Any

from django import forms

from accounts.forms import ActionForm
from accounts.members.departure import ALL_KEYS

# Keys beyond `LISTED` have no checkbox of their own; the checkbox for all keys covers them. With fewer
# than `ALL_FROM` keys it is left out.
LISTED = 50
ALL_FROM = 3


class KeysField(forms.Field):
    """Repeated public ids of keys, or `ALL_KEYS`. The service validates them."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[str]:
        return list(dict.fromkeys(value or []))


class RemovalForm(ActionForm):
    """A checkbox for each active key; `keys` are those the person created where they are removed."""

    revoke = KeysField(required=False)

    def __init__(self, data: Any, *, keys: Any) -> None:
        super().__init__(data)
        self.keys = keys

    @cached_property
    def number(self) -> int:
        """The number of active keys."""
        return int(self.keys.active().count())

    @property
    def more(self) -> int:
        """The number of keys without a checkbox of their own."""
        return max(self.number - LISTED, 0)

    @property
    def offers_all(self) -> bool:
        return self.number >= ALL_FROM

    @cached_property
    def chosen(self) -> set[str]:
        """The values checked when the form was submitted."""
        return set(self["revoke"].value() or []) if self.is_bound else set()

    @property
    def all_chosen(self) -> bool:
        return ALL_KEYS in self.chosen

    @cached_property
    def boxes(self) -> list[tuple[Any, bool]]:
        """The listed keys, each with whether its checkbox is checked."""
        keys = self.keys.active().with_use().select_related("project").prefetch_related("secrets")
        listed = keys.order_by("project__search_text", "project", "search_text", "pk")[:LISTED]
        return [(key, key.public_id in self.chosen) for key in listed]


def describe_revoked_keys(number: int) -> str:
    """Returns a sentence about revoked keys, to append to the message about a removal."""
    if not number:
        return ""
    return " 1 API key was revoked." if number == 1 else f" {number} API keys were revoked."
