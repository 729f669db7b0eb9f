"""The forms that create and revoke admin API keys."""

import datetime as dt
from typing import Any

from django import forms

from accounts.forms import ActionForm, CreatingForm, NameFormField
from accounts.web.formatting import format_count
from keys.admin_keys.lineage import Lineage
from keys.models import AdminKey
from keys.secrets import CREATED_BEFORE

PRESETS, USUAL = (30, 90, 180, 366), 90  # days


class RevokeCredentialForm(ActionForm):
    """Revokes a credential, and what goes back to it if that is chosen. Offers only what there is."""

    with_created = forms.BooleanField(required=False, initial=True)
    with_api_keys = forms.BooleanField(
        label="Also revoke the API keys of projects created with it", required=False
    )

    def __init__(self, data: Any, lineage: Lineage) -> None:
        super().__init__(data)
        # An admin API key withdraws its own in any case.
        is_admin_key = isinstance(lineage.root, AdminKey)
        invitations = 0 if is_admin_key else lineage.invitations.count()
        created = self.fields["with_created"]
        created.label = f"Also revoke the {'keys' if is_admin_key else 'tokens'} created with it"
        if invitations:
            number = format_count(invitations, "pending invitation")
            created.help_text = f"Also withdraws {number} sent with it or with them."
        if not invitations and not lineage.credentials:
            del self.fields["with_created"]
        if api_keys := lineage.api_keys.count():
            text = f"{format_count(api_keys, 'API key')}. Programs that use them lose access."
            self.fields["with_api_keys"].help_text = text
        else:
            del self.fields["with_api_keys"]


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
