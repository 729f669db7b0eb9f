"""The forms that create and revoke tokens of service accounts."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.forms import ActionForm, CreatingForm, NameFormField
from keys.models import AccountToken
from keys.secrets import CREATED_BEFORE

PRESETS, USUAL = (30, 90, 180, 366), 90  # days


class RevokeAccountTokenForm(ActionForm):
    with_created = forms.BooleanField(
        label="Also revoke the tokens created with it", required=False, initial=True
    )

    def __init__(self, data: Any, *, created: Sequence[AccountToken]) -> None:
        super().__init__(data)
        if not created:
            del self.fields["with_created"]


class CreateAccountTokenForm(CreatingForm):
    """A new token. Sent twice it creates one, whose secret is not shown again."""

    sent_before = CREATED_BEFORE
    name = NameFormField(
        label="Name",
        help_text="Name where the token will be stored, so that you know which one to revoke.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    days = forms.TypedChoiceField(
        label="Expires after",
        choices=[(str(days), f"{days} days") for days in PRESETS],
        coerce=int,
        initial=str(USUAL),
        error_messages={"invalid_choice": "Choose 30, 90, 180 or 366 days."},
    )

    def clean(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        if "days" in data:
            data["lifetime"] = dt.timedelta(days=data.pop("days"))
        return data
