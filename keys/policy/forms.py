"""Forms of the key policy, and of the keys to revoke together."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import Http404

from accounts.forms import ActionForm
from keys.enums import KeyMakers, LeakResponse
from keys.models import ApiKey, KeyPolicy
from keys.models.api_key import ApiKeyQuerySet
from keys.models.policy import MOST_DAYS
from keys.policy.services.policy import WOULD_REVOKE

MAX_KEYS = 50  # as many as a page of the list has
REFERENCE = re.compile(r"key_[0-9A-Za-z]{1,40}")


class DaysField(forms.IntegerField):
    """A number of days, or empty for no rule."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            min_value=1,
            max_value=MOST_DAYS,
            error_messages={
                "invalid": f"Enter a whole number of days from 1 to {MOST_DAYS}, or leave it empty.",
                "min_value": "Enter at least 1 day, or leave it empty.",
                "max_value": f"Enter at most {MOST_DAYS} days, or leave it empty.",
            },
            **kwargs,
        )


class KeyPolicyForm(ActionForm):
    """The rules. `revoking` is the number of keys that the person confirmed to revoke immediately."""

    longest_days = DaysField(
        label="Maximum lifetime in days",
        help_text="How long a secret works after it is created. Applies when keys are created, rotated "
        "or given another expiration. Other keys don't change.",
    )
    expiry_required = forms.BooleanField(
        label="Require an expiration",
        required=False,
        help_text="Every new key must expire, and expirations can't be canceled. Existing keys that never "
        "expire keep working.",
    )
    makers = forms.TypedChoiceField(
        label="Who may create and rotate keys",
        choices=KeyMakers.choices,
        coerce=KeyMakers,
        widget=forms.RadioSelect,
        help_text="Keys that others created keep working, and everyone with access to a project can still "
        "revoke them.",
    )
    unused_days = DaysField(
        label="Revoke unused keys after days",
        help_text="Counted from the last use, or from when the key was created. Also applies to existing "
        "keys: those unused for longer are revoked within a minute, which can't be undone. Their "
        "creators and the admins are notified by email.",
    )
    on_leak = forms.TypedChoiceField(
        label="When a key is found in public",
        choices=LeakResponse.choices,
        coerce=LeakResponse,
        widget=forms.RadioSelect,
        help_text="Code hosts scan public code and report keys of this console.",
    )
    revoking = forms.IntegerField(required=False, min_value=0)

    def __init__(self, data: Any, *, policy: KeyPolicy) -> None:
        super().__init__(data, initial=policy.rules)
        self.policy = policy

    @property
    def would_revoke(self) -> int:
        """How many keys the submitted rules would revoke immediately, if that has to be confirmed."""
        for error in self.errors.as_data().get("unused_days", ()):
            if error.code == WOULD_REVOKE:
                return int((error.params or {})["number"])
        return 0


class ReferencesField(forms.Field):
    """Repeated ids of keys; cleans to each of them once."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[str]:
        references = list(dict.fromkeys(value or []))
        if not references:
            raise ValidationError("Select the keys to revoke in the list.")
        if len(references) > MAX_KEYS:
            raise ValidationError(f"Select at most {MAX_KEYS} keys at once.")
        return references


class RevokeSeveralForm(ActionForm):
    """Which of an organization's keys to revoke. Raises Http404 if one is not among them."""

    keys = ReferencesField(label="API keys")

    def __init__(self, data: Any, *, among: ApiKeyQuerySet) -> None:
        super().__init__(data)
        self.among = among

    def clean_keys(self) -> list[ApiKey]:
        references = self.cleaned_data["keys"]
        if not all(map(REFERENCE.fullmatch, references)):
            raise Http404
        keys = list(self.among.filter(public_id__in=references))
        if len(keys) != len(references):
            raise Http404
        return keys

    @property
    def chosen(self) -> list[ApiKey]:
        """The keys by name; empty if the selection is invalid."""
        is_valid = self.is_bound and not self.has_error("keys")
        keys: list[ApiKey] = self.cleaned_data["keys"] if is_valid else []
        return sorted(keys, key=lambda key: key.search_text)

    @property
    def status(self) -> int:
        """200 also for a selection that only has to be confirmed."""
        return super().status if self.errors else 200
