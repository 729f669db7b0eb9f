"""Forms of the actions on one API key."""

import datetime as dt
from typing import Any

from django import forms

from accounts.forms import ActionForm, NameFormField

# Hours that the old secret keeps working.
OVERLAPS = ((0, "No longer"), (1, "1 hour"), (24, "24 hours"), (72, "3 days"), (168, "7 days"))
USUAL_OVERLAP = 24


def hours(text: str) -> dt.timedelta:
    return dt.timedelta(hours=int(text))


class OverlapField(forms.TypedChoiceField):
    """How long the old secret keeps working; 24 hours if the field is not sent."""

    def __init__(self) -> None:
        super().__init__(
            label="The old secret still works for",
            choices=OVERLAPS,
            coerce=hours,
            initial=USUAL_OVERLAP,
            error_messages={"invalid_choice": "Choose one of these: 0, 1, 24, 72 or 168 hours."},
        )

    def clean(self, value: Any) -> Any:
        return super().clean(str(USUAL_OVERLAP) if value is None else value)


class RotateForm(ActionForm):
    """`replaces` is the secret that the form was rendered for, so that a form sent twice rotates once."""

    overlap = OverlapField()
    replaces = forms.IntegerField(required=False, widget=forms.HiddenInput)


class RenameForm(ActionForm):
    name = NameFormField(label="Name", widget=forms.TextInput(attrs={"autocomplete": "off"}))
