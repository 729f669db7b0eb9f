"""The forms that create and revoke admin API keys."""

import datetime as dt
from typing import Any

from django import forms

from accounts.forms import ActionForm, CreatingForm, NameFormField
from accounts.web.formatting import format_count
from keys.models import AdminKey
from keys.models.lineage import Lineage
from keys.secrets import CREATED_BEFORE

PRESETS, USUAL = (30, 90, 180, 366), 90  # days
# By whether there are admin API keys, and whether there are tokens.
LABELS = {
    (True, True): "Also revoke the admin API keys and service account tokens created with it",
    (True, False): "Also revoke the admin API keys created with it",
    (False, True): "Also revoke the service account tokens created with it",
}


class RevokeCreatedForm(ActionForm):
    """What goes with a credential or service account that is revoked or removed. Offers only what there is.

    `invitations` and `api_keys` are the numbers of pending invitations and active API keys that the choices
    end. `own_end` is whether the invitations that the roots of the lineage sent are withdrawn in any case.
    """

    with_created = forms.BooleanField(required=False, initial=True)
    with_api_keys = forms.BooleanField(
        label="Also revoke the project API keys created with it", required=False
    )

    def __init__(self, data: Any, lineage: Lineage, *, api_keys: int, own_end: bool) -> None:
        super().__init__(data)
        sent = lineage.created_invitations if own_end else lineage.invitations
        self.offer_created(lineage, sent.count(), "them" if own_end else "it or with them")
        if api_keys:
            text = f"{format_count(api_keys, 'API key')}. Programs that use them lose access."
            self.fields["with_api_keys"].help_text = text
        else:
            del self.fields["with_api_keys"]

    def offer_created(self, lineage: Lineage, invitations: int, senders: str) -> None:
        """Names in the label what the choice revokes, and in the help text what else it ends."""
        field, number = self.fields["with_created"], format_count(invitations, "pending invitation")
        if lineage.credentials:
            field.label = LABELS[bool(lineage.admin_keys), bool(lineage.tokens)]
            if invitations:
                field.help_text = f"Also withdraws {number} sent with {senders}."
        elif invitations:
            field.label = "Also withdraw the pending invitations sent with it"
            if senders == "them":
                field.label = "Also withdraw invitations sent with keys and tokens it created"
            field.help_text = f"{number}."
        else:
            del self.fields["with_created"]


class RevokeCredentialForm(RevokeCreatedForm):
    """Revokes a credential, and what goes back to it if that is chosen."""

    def __init__(self, data: Any, lineage: Lineage) -> None:
        own_end = any(isinstance(root, AdminKey) for root in lineage.roots)
        super().__init__(data, lineage, api_keys=lineage.api_keys.count(), own_end=own_end)


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
