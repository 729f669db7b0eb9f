"""Budgets, what was spent of them in each period, and alerts about that."""

import datetime as dt
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.constraints import choice_constraint
from accounts.fields import PublicIdField
from accounts.models import Organization, User
from keys.enums import SpendScope
from keys.models import ApiKey
from projects.models import Project, ServiceAccount
from usage.amounts import COST_DIGITS, LARGEST, format_decimal
from usage.enums import BudgetAuthority, BudgetKind, BudgetPeriod, Threshold
from usage.periods import BudgetDays, find_budget_period

REFERENCE: Any = {"on_delete": models.PROTECT, "null": True, "editable": False}
# The column that holds what a budget of a scope is for. That of an organization is `organization`.
TARGETS = {
    SpendScope.PROJECT: "project",
    SpendScope.API_KEY: "api_key",
    SpendScope.PERSON: "user",
    SpendScope.SERVICE_ACCOUNT: "service_account",
}


def names_its_target() -> Q:
    """Returns the condition that `target` is the primary key of what `scope` names, and of nothing else."""
    others = {f"{column}__isnull": True for column in TARGETS.values()}
    condition = Q(scope=SpendScope.ORGANIZATION, target=F("organization_id"), **others)
    for scope, column in TARGETS.items():
        nulls = {**others, f"{column}__isnull": False}
        condition |= Q(scope=scope, target=F(f"{column}_id"), **nulls)
    return condition


class BudgetQuerySet(models.QuerySet["Budget"]):
    def current(self) -> Self:
        """Budgets that were not deleted."""
        return self.filter(ended_at__isnull=True)

    def hard_stops(self) -> Self:
        return self.filter(kind=BudgetKind.HARD_STOP)

    def of_project(self, project: Project) -> Self:
        """Budgets of a project, of its API keys and of its service accounts."""
        return self.filter(
            Q(project=project) | Q(api_key__project=project) | Q(service_account__project=project)
        )

    def of_no_project(self) -> Self:
        """Budgets of organizations and of people."""
        return self.filter(scope__in=(SpendScope.ORGANIZATION, SpendScope.PERSON))

    def with_subjects(self) -> Self:
        """Loads what each budget is for, and the projects of API keys and service accounts."""
        projects = ("api_key__project", "service_account__project")
        return self.select_related("organization", *TARGETS.values(), *projects)

    def lock(self, pk: int) -> "Budget":
        """Returns the row as it is now, locked until the transaction ends."""
        return self.select_for_update(no_key=True).get(pk=pk)


class Budget(models.Model):
    """How much may be spent in each period: by an organization, project, API key, person or service account.

    `amount` is in 10⁻¹⁰ USD, and `revision` counts its changes. Usage before `starts_on`, a UTC day, does not
    count. `tested_at` is when a test of its alerts was sent last. A person's budget applies to what they use
    of this organization. `is_default` marks the one that OpenAI's API shows as the spend limit of its scope.
    """

    public_id = PublicIdField("budget")
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, editable=False, related_name="budgets"
    )
    scope = models.PositiveSmallIntegerField(choices=SpendScope.choices, editable=False)
    target = models.BigIntegerField(editable=False)
    project = models.ForeignKey(Project, related_name="budgets", **REFERENCE)
    api_key = models.ForeignKey(ApiKey, related_name="budgets", **REFERENCE)
    user = models.ForeignKey(User, related_name="budgets", **REFERENCE)
    service_account = models.ForeignKey(ServiceAccount, related_name="budgets", **REFERENCE)
    period = models.CharField(max_length=5, choices=BudgetPeriod.choices, editable=False)
    starts_on = models.DateField(editable=False)
    kind = models.CharField(max_length=9, choices=BudgetKind.choices)
    amount = models.BigIntegerField()
    revision = models.PositiveIntegerField(default=1, editable=False)
    authority = models.CharField(
        max_length=9, choices=BudgetAuthority.choices, default=BudgetAuthority.ADMINS
    )
    is_default = models.BooleanField(default=False, editable=False)
    recipients = models.ManyToManyField(User, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(User, related_name="+", **REFERENCE)
    ended_at = models.DateTimeField(null=True, editable=False)
    tested_at = models.DateTimeField(null=True, editable=False)

    objects = BudgetQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = [
            choice_constraint("scope", SpendScope, "budget"),
            choice_constraint("period", BudgetPeriod, "budget"),
            choice_constraint("kind", BudgetKind, "budget"),
            choice_constraint("authority", BudgetAuthority, "budget"),
            models.CheckConstraint(condition=names_its_target(), name="budget_names_its_target"),
            models.CheckConstraint(
                condition=Q(amount__gte=0, amount__lte=LARGEST), name="budget_amount_sane"
            ),
            models.CheckConstraint(
                condition=Q(is_default=False)
                | Q(period=BudgetPeriod.MONTH, kind=BudgetKind.HARD_STOP),
                name="budget_default_stops_monthly",
            ),
            models.UniqueConstraint(
                fields=["scope", "target", "organization"],
                condition=Q(is_default=True, ended_at__isnull=True),
                name="budget_one_default",
            ),
        ]
        indexes = [
            models.Index(
                fields=["organization"], condition=Q(ended_at__isnull=True), name="budget_current"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_scope_display()} budget {self.public_id}"

    @property
    def subject(self) -> Organization | Project | ApiKey | User | ServiceAccount:
        """What the budget is for."""
        column = TARGETS.get(SpendScope(self.scope), "organization")
        subject: Organization | Project | ApiKey | User | ServiceAccount = getattr(self, column)
        return subject

    @property
    def title(self) -> str:
        """What it is for and how long it lasts: `production, Month`."""
        return f"{self.subject}, {self.get_period_display()}"

    def find_period(self, day: dt.date) -> BudgetDays:
        """Returns the period that a UTC day belongs to. Raises ValueError before `starts_on`."""
        return find_budget_period(self.period, self.starts_on, day)

    def end(self) -> None:
        self.ended_at = timezone.now()
        self.save(update_fields=["ended_at"])


class BudgetSpendQuerySet(models.QuerySet["BudgetSpend"]):
    def on(self, day: dt.date) -> Self:
        """Those of the periods that a UTC day belongs to."""
        return self.since(day).filter(first_day__lte=day)

    def since(self, day: dt.date) -> Self:
        """Those of the periods that a UTC day belongs to, and of later ones."""
        return self.filter(Q(last_day__isnull=True) | Q(last_day__gte=day))


class BudgetSpend(models.Model):
    """What was spent of a budget in one period, in UTC days; `last_day` is null for a total.

    `amount` and `spent` are in 10⁻¹⁰ USD. `amount` is the budget's last one in that period. An alert is due
    when `spent` reaches `alert_at`, null if none is left. `spent_at` is since when everything that may be
    spent is spent, null while it is not.
    """

    pk = models.CompositePrimaryKey("budget_id", "first_day")
    budget = models.ForeignKey(
        Budget, on_delete=models.PROTECT, db_index=False, related_name="spends"
    )
    first_day = models.DateField()
    last_day = models.DateField(null=True)
    amount = models.BigIntegerField()
    spent = models.BigIntegerField()
    alert_at = models.BigIntegerField(null=True)
    spent_at = models.DateTimeField(null=True)

    objects = BudgetSpendQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(last_day__isnull=True) | Q(last_day__gte=F("first_day")),
                name="budgetspend_ends_after_start",
            ),
            models.CheckConstraint(
                condition=Q(spent__gte=-LARGEST, spent__lte=LARGEST),
                name="budgetspend_within_64_bits",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.budget_id} from {self.first_day}"

    @property
    def days(self) -> BudgetDays:
        return BudgetDays(self.first_day, self.last_day)

    @property
    def is_over(self) -> bool:
        """Whether everything that may be spent is spent."""
        return self.spent >= self.amount

    @property
    def overshoot(self) -> int:
        """How much more than the amount is spent, in 10⁻¹⁰ USD."""
        return max(self.spent - self.amount, 0)


class BudgetAlertQuerySet(models.QuerySet["BudgetAlert"]):
    def by_spend(self) -> Self:
        """Those that depend on what was spent; forecasts are looked at every hour."""
        return self.exclude(threshold=Threshold.FORECAST)


class BudgetAlert(models.Model):
    """When the recipients of a budget are notified.

    `value` is in percent of the amount, or in 10⁻¹⁰ USD for a threshold that is an amount; 0 for a forecast.
    """

    budget = models.ForeignKey(Budget, on_delete=models.CASCADE, related_name="alerts")
    threshold = models.CharField(max_length=8, choices=Threshold.choices)
    value = models.BigIntegerField(default=0)

    objects = BudgetAlertQuerySet.as_manager()

    class Meta:
        ordering = ("threshold", "value")
        constraints = [
            choice_constraint("threshold", Threshold, "budgetalert"),
            models.UniqueConstraint(
                fields=["budget", "threshold", "value"], name="budgetalert_once"
            ),
            models.CheckConstraint(
                condition=Q(threshold=Threshold.FORECAST, value=0)
                | Q(threshold=Threshold.PERCENT, value__range=(1, 1_000))
                | Q(threshold=Threshold.AMOUNT, value__range=(1, LARGEST)),
                name="budgetalert_value_sane",
            ),
        ]

    def __str__(self) -> str:
        if self.threshold == Threshold.PERCENT:
            return f"{self.value}%"
        if self.threshold == Threshold.AMOUNT:
            return f"${format_decimal(self.value, COST_DIGITS)}"
        return "Forecast"

    def compute_level(self, amount: int) -> int:
        """Returns from which spend on an alert of a budget of `amount` is due, both in 10⁻¹⁰ USD."""
        if self.threshold == Threshold.PERCENT:
            return -(-amount * self.value // 100)  # rounded up
        return self.value


class SentAlert(models.Model):
    """An alert that was sent: once for a period, a threshold and a revision of the amount."""

    budget = models.ForeignKey(Budget, on_delete=models.PROTECT, related_name="sent_alerts")
    first_day = models.DateField()
    revision = models.PositiveIntegerField()
    threshold = models.CharField(max_length=8, choices=Threshold.choices)
    value = models.BigIntegerField()
    spent = models.BigIntegerField()
    amount = models.BigIntegerField()
    sent_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-pk",)
        constraints = [
            choice_constraint("threshold", Threshold, "sentalert"),
            models.UniqueConstraint(
                fields=["budget", "first_day", "revision", "threshold", "value"],
                name="sentalert_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.budget_id} {self.threshold} {self.value}"

    def as_alert(self) -> BudgetAlert:
        """Returns the unsaved alert that was sent; the budget may not have it any more."""
        return BudgetAlert(threshold=self.threshold, value=self.value)
