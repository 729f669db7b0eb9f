"""What the API accepts and returns about budgets. Source: OpenAI's Administration API."""

from typing import Annotated, Literal, Self

from msgspec import Meta

from accounts.web.api.payloads import EmailAddress, NotSupported, Payload, describe_id
from keys.enums import SpendScope
from usage.amounts import COST_DIGITS, LARGEST, format_decimal
from usage.budgets.figures import build_figures
from usage.models import Budget

CENT: int = 10 ** (COST_DIGITS - 2)  # in 10⁻¹⁰ USD
MAX_RECIPIENTS = 100
# What an object is called, by the scope of its budget.
LimitName = Literal["organization.spend_limit", "project.spend_limit"]
LIMIT_NAMES: dict[int, LimitName] = {
    SpendScope.ORGANIZATION: "organization.spend_limit",
    SpendScope.PROJECT: "project.spend_limit",
}
DeletedLimitName = Literal["organization.spend_limit.deleted", "project.spend_limit.deleted"]
DELETED_LIMIT_NAMES: dict[int, DeletedLimitName] = {
    SpendScope.ORGANIZATION: "organization.spend_limit.deleted",
    SpendScope.PROJECT: "project.spend_limit.deleted",
}
AlertName = Literal["organization.spend_alert", "project.spend_alert"]
ALERT_NAMES: dict[int, AlertName] = {
    SpendScope.ORGANIZATION: "organization.spend_alert",
    SpendScope.PROJECT: "project.spend_alert",
}
DeletedAlertName = Literal["organization.spend_alert.deleted", "project.spend_alert.deleted"]
DELETED_ALERT_NAMES: dict[int, DeletedAlertName] = {
    SpendScope.ORGANIZATION: "organization.spend_alert.deleted",
    SpendScope.PROJECT: "project.spend_alert.deleted",
}
Cents = Annotated[
    int, Meta(description="In cents, rounded down. `console_amount` is exact.", examples=[150000])
]
NewCents = Annotated[
    int, Meta(ge=1, le=LARGEST // CENT, description="In cents.", examples=[150000])
]
ExactAmount = Annotated[str, Meta(description="In USD, exact.", examples=["1500"])]
AlertId = Annotated[str, describe_id("budget", "k3Fq8ZsWv1Rj6TnYb0Xc")]


def count_cents(budget: Budget) -> int:
    """Returns the amount of a budget in whole cents, rounded down."""
    return budget.amount // CENT


class Enforcement(Payload, frozen=True):
    status: Annotated[
        Literal["inactive", "enforcing"],
        Meta(description="`enforcing` while API keys are refused because the amount is spent."),
    ]


class SpendLimit(Payload, frozen=True, kw_only=True):
    """A monthly hard stop: what may be spent in a month, from its first day in UTC."""

    object: LimitName
    currency: Literal["USD"] = "USD"
    interval: Literal["month"] = "month"
    threshold_amount: Cents
    console_amount: ExactAmount
    enforcement: Enforcement

    @classmethod
    def of_budget(cls, budget: Budget) -> Self:
        [figures] = build_figures([budget])
        return cls(
            object=LIMIT_NAMES[budget.scope],
            threshold_amount=count_cents(budget),
            console_amount=format_decimal(budget.amount, COST_DIGITS),
            enforcement=Enforcement("enforcing" if figures.is_stopping else "inactive"),
        )


class SpendLimitChange(Payload, frozen=True):
    currency: Literal["USD"]
    interval: Literal["month"]
    threshold_amount: NewCents

    @property
    def amount(self) -> int:
        """In 10⁻¹⁰ USD."""
        return self.threshold_amount * CENT


class SpendLimitDeleted(Payload, frozen=True):
    """A limit that was deleted."""

    object: DeletedLimitName
    deleted: Literal[True] = True


class NotificationChannel(Payload, frozen=True):
    recipients: Annotated[
        list[EmailAddress],
        Meta(
            max_length=MAX_RECIPIENTS,
            description="Members of the organization who may see the budget.",
        ),
    ]
    type: Literal["email"] = "email"
    subject_prefix: NotSupported = None


class SpendAlert(Payload, frozen=True, kw_only=True):
    """A monthly budget that refuses nothing, and notifies people when its amount is spent."""

    object: AlertName
    id: AlertId
    currency: Literal["USD"] = "USD"
    interval: Literal["month"] = "month"
    threshold_amount: Cents
    console_amount: ExactAmount
    notification_channel: NotificationChannel

    @classmethod
    def of_budget(cls, budget: Budget) -> Self:
        """Returns an alert whose `recipients` are loaded as far as they may see the budget."""
        return cls(
            object=ALERT_NAMES[budget.scope],
            id=budget.public_id,
            threshold_amount=count_cents(budget),
            console_amount=format_decimal(budget.amount, COST_DIGITS),
            notification_channel=NotificationChannel(
                [user.email for user in budget.recipients.all()]
            ),
        )


class SpendAlertFields(Payload, frozen=True):
    currency: Literal["USD"]
    interval: Literal["month"]
    notification_channel: NotificationChannel
    threshold_amount: NewCents

    @property
    def amount(self) -> int:
        """In 10⁻¹⁰ USD."""
        return self.threshold_amount * CENT


class SpendAlertDeleted(Payload, frozen=True, kw_only=True):
    """An alert that was deleted."""

    object: DeletedAlertName
    id: AlertId
    deleted: Literal[True] = True
