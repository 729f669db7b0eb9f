"""The forms that create a token of a service account, and that remove one."""

import datetime as dt
from typing import Any

from django import forms

from accounts.forms import CreatingForm, NameFormField
from keys.admin_keys.forms import RevokeCreatedForm
from keys.models.lineage import Lineage
from keys.secrets import CREATED_BEFORE
from projects.models import ServiceAccount

PRESETS, USUAL = (30, 90, 180, 366), 90  # days


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
        help_text="Sooner if the key policy requires it, or if your own access ends.",
    )

    def clean(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        if "days" in data:
            data["lifetime"] = dt.timedelta(days=data.pop("days"))
        return data


class RemoveAccountForm(RevokeCreatedForm):
    """Removes a service account with its own tokens and API keys, and what goes back to it if chosen."""

    def __init__(self, data: Any, lineage: Lineage, account: ServiceAccount) -> None:
        api_keys = lineage.api_keys.exclude(service_account=account).count()
        super().__init__(data, lineage, api_keys=api_keys, own_end=True)
