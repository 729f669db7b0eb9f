"""Forms of budgets: what they are for, how much, what happens then, and who is notified."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet

from accounts.forms import ActionForm, CreatingForm
from accounts.members.role_choices import DescribedRadioSelect
from accounts.models import User
from usage.amounts import COST_DIGITS, InvalidAmount, format_decimal, parse_decimal
from usage.budgets.pages.choices import SubjectChoices
from usage.budgets.subjects import Subject
from usage.enums import BudgetKind, BudgetPeriod, Threshold
from usage.models import Budget

PRESETS = (50, 80, 100)  # percent
FORECAST = "forecast"
MAX_OWN_ALERTS, MAX_PERCENT = 10, 1_000
# So many people can be chosen by a box; those who are notified already always can.
MAX_CANDIDATES = 100
KIND_DESCRIPTIONS: dict[str, str] = {
    BudgetKind.HARD_STOP: "Requests are refused until the period ends or the amount is raised.",
    BudgetKind.ALERT: "People are notified. Nothing is refused.",
    BudgetKind.DRY_RUN: "Nothing is refused. The page says what a hard stop would have done.",
}
KINDS = [(kind, BudgetKind(kind).label) for kind in KIND_DESCRIPTIONS]
INVALID_ALERT = "Enter percents such as 90% and amounts such as $2300, with commas between them."


class DollarField(forms.CharField):
    """A positive amount in dollars, cleaned to 10⁻¹⁰ USD."""

    def __init__(self, **kwargs: Any) -> None:
        widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off"})
        super().__init__(**{"max_length": 40, "widget": widget, **kwargs})

    def clean(self, value: Any) -> Any:
        text: str = super().clean(value)
        return parse_dollars(text.removeprefix("$").strip())


def parse_dollars(text: str) -> int:
    """Returns dollars in 10⁻¹⁰ USD. Raises ValidationError if they are not a positive amount."""
    try:
        amount = parse_decimal(text, COST_DIGITS)
    except InvalidAmount as error:
        message = "Enter an amount in dollars such as 1500 or 12.50: %(reason)s."
        raise ValidationError(message, params={"reason": error}) from error
    if amount <= 0:
        raise ValidationError("Enter an amount above 0.")
    return amount


class OwnAlertsField(forms.CharField):
    """Percents and amounts with commas between them, cleaned to thresholds with their values."""

    def clean(self, value: Any) -> Any:
        words = [word.strip() for word in super().clean(value).split(",")]
        alerts = [parse_alert(word) for word in words if word]
        if len(alerts) > MAX_OWN_ALERTS:
            raise ValidationError(f"Enter at most {MAX_OWN_ALERTS} of your own.")
        return alerts


def parse_alert(word: str) -> tuple[Threshold, int]:
    """Returns the threshold and value of `90%` or `$2300`. Raises ValidationError for anything else."""
    if word.startswith("$"):
        return Threshold.AMOUNT, parse_dollars(word[1:].strip())
    percent = word.removesuffix("%").strip()
    if not word.endswith("%") or not (percent.isascii() and percent.isdecimal()):
        raise ValidationError(INVALID_ALERT)
    if len(percent) > 4 or not 1 <= int(percent) <= MAX_PERCENT:
        raise ValidationError(f"Enter whole percents from 1 to {MAX_PERCENT:,}.")
    return Threshold.PERCENT, int(percent)


class RecipientsField(forms.MultipleChoiceField):
    """People who may see the budget, by public id, cleaned to users."""

    viewers = User.objects.none()

    def __init__(self) -> None:
        super().__init__(
            label="Who is notified",
            required=False,
            widget=forms.CheckboxSelectMultiple,
            help_text="By email. Only people who may see this budget are listed.",
        )

    def offer(self, viewers: QuerySet[User], chosen: Sequence[User] = ()) -> None:
        """Offers the first viewers by name, after those who are chosen already."""
        self.viewers = viewers
        rest = viewers.exclude(pk__in=[user.pk for user in chosen])
        people = [*chosen, *rest.order_by("search_text", "pk")[:MAX_CANDIDATES]]
        self.choices = [(user.public_id, user.name) for user in people]

    def validate(self, value: Any) -> None:
        """Leaves it to `clean` whether they may see the budget."""

    def clean(self, value: Any) -> Any:
        ids = {text for text in super().clean(value) if "\x00" not in text}
        users = list(self.viewers.filter(public_id__in=ids).order_by("pk"))
        if len(users) != len(set(value or ())):
            raise ValidationError("Choose people who may see this budget.")
        return users


class BudgetFields(forms.Form):
    """What of a budget can be changed later."""

    amount = DollarField(label="Amount in dollars", help_text="At most ten decimal places.")
    kind = forms.TypedChoiceField(
        label="When the amount is spent",
        choices=KINDS,
        coerce=BudgetKind,
        initial=BudgetKind.HARD_STOP,
        widget=DescribedRadioSelect(KIND_DESCRIPTIONS),
    )
    alerts = forms.MultipleChoiceField(
        label="Alerts",
        required=False,
        choices=[
            *((str(percent), f"At {percent}%") for percent in PRESETS),
            (FORECAST, "When the forecast exceeds the amount"),
        ],
        initial=[str(percent) for percent in PRESETS],
        widget=forms.CheckboxSelectMultiple,
    )
    own_alerts = OwnAlertsField(
        label="More alerts",
        required=False,
        max_length=300,
        help_text="Percents of the amount and amounts, such as 90%, $2300.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    recipients = RecipientsField()

    def combine_alerts(self, data: dict[str, Any]) -> dict[str, Any]:
        """Returns the cleaned data with all alerts as thresholds with their values."""
        own = data.pop("own_alerts", [])
        chosen = [read_preset(value) for value in data.get("alerts", [])]
        return {**data, "alerts": list(dict.fromkeys([*chosen, *own]))}

    def require_end(self, period: str | None) -> None:
        """Adds an error if a forecast is asked for of a budget whose period never ends."""
        if period == BudgetPeriod.TOTAL and FORECAST in self.cleaned_data.get("alerts", []):
            self.add_error("alerts", "A total has no end, so it has no forecast.")


def read_preset(value: str) -> tuple[Threshold, int]:
    return (Threshold.FORECAST, 0) if value == FORECAST else (Threshold.PERCENT, int(value))


class CreateBudgetForm(BudgetFields, CreatingForm):
    """A new budget. Sent twice it creates one."""

    scope = forms.CharField(label="For", max_length=60, widget=forms.Select)
    period = forms.TypedChoiceField(
        label="Period",
        choices=BudgetPeriod.choices,
        coerce=BudgetPeriod,
        initial=BudgetPeriod.MONTH,
        help_text="Periods start at 00:00 UTC, weeks on Monday. A total never starts again.",
    )
    field_order = ("scope", "period", "amount", "kind", "alerts", "own_alerts", "recipients")

    def __init__(
        self, data: Any, choices: SubjectChoices, viewers: QuerySet[User], **options: Any
    ) -> None:
        super().__init__(data, **options)
        self.choices = choices
        self.fields["scope"].widget.choices = choices.list_options(self["scope"].value() or "")
        recipients = self.fields["recipients"]
        assert isinstance(recipients, RecipientsField)
        recipients.offer(viewers)

    def clean_scope(self) -> Subject:
        subject = self.choices.find_subject(self.cleaned_data["scope"])
        if subject is None:
            raise ValidationError("Choose what the budget is for.")
        return subject

    def clean(self) -> dict[str, Any]:
        self.require_end(self.cleaned_data.get("period"))
        data = self.combine_alerts(dict(self.cleaned_data))
        if "scope" in data:
            data["subject"] = data.pop("scope")
        return data


class ChangeBudgetForm(BudgetFields, ActionForm):
    """Changes a budget from its present period on."""

    def __init__(self, data: Any, budget: Budget, viewers: QuerySet[User]) -> None:
        chosen = list(viewers.filter(pk__in=budget.recipients.values("pk")).order_by("name", "pk"))
        super().__init__(data, initial=describe_initially(budget, chosen))
        self.budget = budget
        recipients = self.fields["recipients"]
        assert isinstance(recipients, RecipientsField)
        recipients.offer(viewers, chosen)

    def clean(self) -> dict[str, Any]:
        self.require_end(self.budget.period)
        return self.combine_alerts(dict(self.cleaned_data))


def describe_initially(budget: Budget, recipients: Sequence[User]) -> dict[str, Any]:
    """Returns the values of the form of a budget as it is."""
    alerts = list(budget.alerts.all())
    percents = [alert for alert in alerts if alert.threshold == Threshold.PERCENT]
    preset = [alert for alert in percents if alert.value in PRESETS]
    forecasts = [alert for alert in alerts if alert.threshold == Threshold.FORECAST]
    own = [alert for alert in alerts if alert not in preset and alert not in forecasts]
    return {
        "amount": format_decimal(budget.amount, COST_DIGITS),
        "kind": budget.kind,
        "alerts": [*(str(alert.value) for alert in preset), *(FORECAST for _ in forecasts)],
        "own_alerts": ", ".join(str(alert) for alert in own),
        "recipients": [user.public_id for user in recipients],
    }
