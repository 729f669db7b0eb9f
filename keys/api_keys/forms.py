"""Forms that create API keys and set their expiration."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.forms import ActionForm, CreatingForm, NameFormField
from keys.api_keys.expiry import ExpiresField
from keys.api_keys.services import require_end
from keys.models import KeyPolicy
from keys.secrets import CREATED_BEFORE


class ExpiresForm(ActionForm):
    """Asks when a key expires; cleans to `expires_at`, which is None for never.

    `secret_made_at` is when the current secret was created, None for a new key.
    """

    def __init__(
        self,
        data: Any,
        *,
        policy: KeyPolicy,
        secret_made_at: dt.datetime | None = None,
        expires_at: dt.datetime | None = None,
    ) -> None:
        super().__init__(data, initial={"expires": expires_at})
        self.policy, self.secret_made_at = policy, secret_made_at
        self.fields["expires"] = ExpiresField(policy, secret_made_at)

    def clean(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        if "expires" in data:
            end = data["expires_at"] = data.pop("expires")
            try:
                require_end(self.policy, end, secret_made_at=self.secret_made_at or timezone.now())
            except ValidationError as error:
                self.add_error(None, error)
        return data


class CreateKeyForm(ExpiresForm, CreatingForm):
    """A new key. Sent twice it creates one, whose secret is not shown again."""

    sent_before = CREATED_BEFORE

    name = NameFormField(
        label="Name",
        help_text="Name what will use the key, so that everyone knows which one to revoke.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )


class RegenerateForm(ActionForm):
    """Replaces the secret that the form was rendered for, so that a form sent twice acts once."""

    replaces = forms.IntegerField(required=False, widget=forms.HiddenInput)
