"""Forms of the organization's side of keys: its key policy, and the keys that are revoked together."""

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

AT_ONCE = 50  # as many as a page of the report has
REFERENCE = re.compile(r"key_[0-9A-Za-z]{1,40}")


class DaysField(forms.IntegerField):
    """A number of days, or empty for a rule that is not set."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            min_value=1,
            max_value=MOST_DAYS,
            error_messages={
                "invalid": f"Write a whole number of days from 1 to {MOST_DAYS}, or nothing.",
                "min_value": "Write at least 1 day, or nothing.",
                "max_value": f"Write at most {MOST_DAYS} days, or nothing.",
            },
            **kwargs,
        )


class KeyPolicyForm(ActionForm):
    """The rules. `revoking` is sent by the box that says how many keys are revoked at once."""

    longest_days = DaysField(
        label="Longest lifetime, in days",
        help_text="How long a secret may live after it was made. Holds for keys that are created, "
        "rotated or given another expiry from then on; the others keep working as they are.",
    )
    expiry_required = forms.BooleanField(
        label="Expiry required",
        required=False,
        help_text="Every new key ends some day, and no expiry can be cancelled. Keys that never "
        "expire keep working.",
    )
    makers = forms.TypedChoiceField(
        label="Who may create and rotate keys",
        choices=KeyMakers.choices,
        coerce=KeyMakers,
        widget=forms.RadioSelect,
        help_text="Keys that others made keep working, and everybody who works in a project can "
        "still revoke them.",
    )
    unused_days = DaysField(
        label="Revoke when unused, after days",
        help_text="Counted from the last use, or from when a key was made. Also holds for the keys "
        "there are: those that are unused for longer are revoked within a minute, for good. "
        "Their creators and the admins are told by mail.",
    )
    on_leak = forms.TypedChoiceField(
        label="When a key is found in public",
        choices=LeakResponse.choices,
        coerce=LeakResponse,
        widget=forms.RadioSelect,
        help_text="Code hosts scan what is published and report keys of this console.",
    )
    revoking = forms.IntegerField(required=False, min_value=0)

    def __init__(self, data: Any, *, policy: KeyPolicy) -> None:
        super().__init__(data, initial=policy.rules)
        self.policy = policy

    @property
    def would_revoke(self) -> int:
        """How many keys the rules as they were sent revoke at once, when that has to be confirmed."""
        for error in self.errors.as_data().get("unused_days", ()):
            if error.code == WOULD_REVOKE:
                return int((error.params or {})["number"])
        return 0


class ReferencesField(forms.Field):
    """Repeated ids of keys; clean gives each once."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[str]:
        references = list(dict.fromkeys(value or []))
        if not references:
            raise ValidationError("Choose the keys to revoke in the list.")
        if len(references) > AT_ONCE:
            raise ValidationError(f"Choose at most {AT_ONCE} keys at once.")
        return references


class RevokeSeveralForm(ActionForm):
    """Which of an organization's keys to revoke; Http404 when one of them is none."""

    keys = ReferencesField(label="API keys")

    def __init__(self, data: Any, *, among: ApiKeyQuerySet) -> None:
        super().__init__(data)
        self.among = among

    def clean_keys(self) -> list[ApiKey]:
        references = self.cleaned_data["keys"]
        if not all(map(REFERENCE.fullmatch, references)):
            raise Http404
        found = list(self.among.filter(public_id__in=references))
        if len(found) != len(references):
            raise Http404
        return found

    @property
    def chosen(self) -> list[ApiKey]:
        """The keys, in the order of their names; none while the choice is not right."""
        right = self.is_bound and not self.has_error("keys")
        found: list[ApiKey] = self.cleaned_data["keys"] if right else []
        return sorted(found, key=lambda key: key.name.lower())

    @property
    def status(self) -> int:
        """200 as well for what was chosen in the list and only has to be confirmed."""
        return super().status if self.errors else 200
