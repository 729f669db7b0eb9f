"""The forms that create and revoke admin API keys."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms

from accounts.forms import ActionForm, CreatingForm, NameFormField
from accounts.web.formatting import format_count
from keys.secrets import CREATED_BEFORE

PRESETS, USUAL = (30, 90, 180, 366), 90  # days


class RevokeAdminKeyForm(ActionForm):
    with_created = forms.BooleanField(
        label="Also revoke the keys created with it", required=False, initial=True
    )

    with_api_keys = forms.BooleanField(
        label="Also revoke the API keys of projects created with it", required=False
    )

    def __init__(self, data: Any, *, created: Sequence[object], api_keys: int) -> None:
        super().__init__(data)
        if not created:
            del self.fields["with_created"]
        if not api_keys:
            del self.fields["with_api_keys"]
            return
        self.fields[
            "with_api_keys"
        ].help_text = f"{format_count(api_keys, 'API key')}. Programs that use them lose access."


class CreateAdminKeyForm(CreatingForm):
    """A new admin API key. Sent twice it creates one, whose secret is not shown again."""

    sent_before = CREATED_BEFORE
    name = NameFormField(
        label="Name",
        help_text="Name the program that will use the key, so that you know which one to revoke.",
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
