"""The form of the limits of a project or API key."""

from typing import Any

from django import forms

from accounts.forms import ActionForm
from accounts.members.role_choices import DescribedRadioSelect
from keys.enums import ModelRule
from keys.models import RequestLimits
from keys.models.limits import MAX_REQUESTS
from keys.request_limits.values import split_values

MAX_TEXT = 30_000  # characters; more than the most models of the longest names
DESCRIPTIONS: dict[str, str] = {
    ModelRule.ANY: "Requests need not say which model they are for.",
    ModelRule.ALLOW: "Requests for other models, and those that don't say which one, are refused.",
    ModelRule.DENY: "Requests for these models, and those that don't say which one, are refused.",
}


class RequestsField(forms.IntegerField):
    """A number of requests, or empty for no limit."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            min_value=1,
            max_value=MAX_REQUESTS,
            error_messages={
                "invalid": "Enter a whole number of requests, or leave it empty.",
                "min_value": "Enter at least 1 request, or leave it empty.",
                "max_value": f"Enter at most {MAX_REQUESTS:,} requests, or leave it empty.",
            },
            **kwargs,
        )


class LinesField(forms.CharField):
    """Values with one in each line, cleaned to a list."""

    widget = forms.Textarea

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            required=False,
            max_length=MAX_TEXT,
            widget=forms.Textarea(attrs={"rows": 4, "autocomplete": "off", "spellcheck": "false"}),
            **kwargs,
        )

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        return split_values(super().clean(value))


class LimitsForm(ActionForm):
    requests_per_minute = RequestsField(
        label="Requests a minute", help_text="Empty: no limit. Counted from each full minute."
    )
    requests_per_day = RequestsField(
        label="Requests a day", help_text="Empty: no limit. Counted from 00:00 UTC."
    )
    model_rule = forms.TypedChoiceField(
        label="Models",
        choices=ModelRule.choices,
        coerce=ModelRule,
        widget=DescribedRadioSelect(DESCRIPTIONS),
    )
    model_names = LinesField(
        label="Names of models",
        help_text="One in each line, such as llama-3.3-70b. Upper and lower case make no difference.",
    )
    ip_ranges = LinesField(
        label="Allowed IP ranges",
        help_text="One in each line, such as 192.0.2.0/24 or 2001:db8::/32. Empty: any IP address.",
    )

    def __init__(self, data: Any, *, limits: RequestLimits) -> None:
        super().__init__(data, initial=limits.rules)
