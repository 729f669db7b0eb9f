"""The form of removing somebody: which of the API keys they made are revoked in the same act."""

from functools import cached_property
from typing import Any

from django import forms
from django.db.models.functions import Lower

from accounts.forms import ActionForm
from accounts.members.departure import ALL_KEYS

# With more keys than `LISTED` the others are revoked by the box for all, which fewer than
# `ALL_FROM` do not need.
LISTED = 50
ALL_FROM = 3


class KeysField(forms.Field):
    """Repeated public ids of keys, or `ALL_KEYS`; whether they are right is for the act to say."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[str]:
        return list(dict.fromkeys(value or []))


class RemovalForm(ActionForm):
    """A box for each active key; `keys` are all that the person made where they are removed."""

    revoke = KeysField(required=False)

    def __init__(self, data: Any, *, keys: Any) -> None:
        super().__init__(data)
        self.keys = keys

    @cached_property
    def number(self) -> int:
        """How many active keys there are."""
        return int(self.keys.active().count())

    @property
    def more(self) -> int:
        """How many of them have no box of their own."""
        return max(self.number - LISTED, 0)

    @property
    def offers_all(self) -> bool:
        return self.number >= ALL_FROM

    @cached_property
    def chosen(self) -> set[str]:
        """What was ticked when the form was sent."""
        return set(self["revoke"].value() or []) if self.is_bound else set()

    @property
    def all_chosen(self) -> bool:
        return ALL_KEYS in self.chosen

    @cached_property
    def boxes(self) -> list[tuple[Any, bool]]:
        """The keys listed, each with whether its box is ticked."""
        keys = self.keys.active().with_use().select_related("project").prefetch_related("secrets")
        listed = keys.order_by("project__name", "project", Lower("name"), "pk")[:LISTED]
        return [(key, key.public_id in self.chosen) for key in listed]


def describe_revoked_keys(number: int) -> str:
    """What the message about a removal adds when keys were revoked with it."""
    if not number:
        return ""
    return " 1 API key is revoked." if number == 1 else f" {number} API keys are revoked."
