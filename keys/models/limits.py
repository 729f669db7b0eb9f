"""What verification refuses keys for: blocks of spent budgets, and the limits of keys and projects."""

import datetime as dt
from typing import Any, Self

from django.db import models
from django.db.models import F, Q

from accounts.constraints import choice_constraint
from accounts.models import Organization
from keys.enums import ModelRule, SpendScope
from keys.models.api_key import ApiKey
from projects.models import Project

MAX_REQUESTS = 1_000_000_000  # in a minute or a day
RULES = ("requests_per_minute", "requests_per_day", "model_rule", "model_names", "ip_ranges")


class SpendBlockQuerySet(models.QuerySet["SpendBlock"]):
    def at(self, moment: dt.datetime) -> Self:
        """Blocks that hold at `moment`."""
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=moment), starts_at__lte=moment)

    def ended(self, moment: dt.datetime) -> Self:
        """Blocks that held before `moment` and will not hold again."""
        return self.filter(ends_at__lte=moment)


class SpendBlock(models.Model):
    """Refuses keys from `starts_at` until just before `ends_at`, or for good if that is null.

    Verification reads it with every key, so it lifts by itself when a new period begins. `target` is the
    primary key of what `scope` names; a person and a service account are blocked in one organization only.
    `budget` is the public id of the budget: budgets belong to a higher app, which writes these rows.
    """

    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, db_index=False, related_name="spend_blocks"
    )
    scope = models.PositiveSmallIntegerField(choices=SpendScope.choices)
    target = models.BigIntegerField()
    budget = models.CharField(max_length=40)
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField(null=True)

    objects = SpendBlockQuerySet.as_manager()

    class Meta:
        constraints = [
            choice_constraint("scope", SpendScope, "spendblock"),
            models.UniqueConstraint(fields=["budget", "starts_at"], name="spendblock_once"),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gt=F("starts_at")),
                name="spendblock_ends_after_start",
            ),
            models.CheckConstraint(
                condition=~Q(scope=SpendScope.ORGANIZATION) | Q(target=F("organization_id")),
                name="spendblock_of_its_organization",
            ),
        ]
        indexes = [models.Index(fields=["target", "scope"], name="spendblock_target")]

    def __str__(self) -> str:
        return f"{self.get_scope_display()} {self.target} by {self.budget}"


def requests_constraint(field: str) -> models.CheckConstraint:
    """Returns the constraint that `field` is null or from 1 to `MAX_REQUESTS`."""
    within = Q(**{f"{field}__isnull": True}) | Q(**{f"{field}__range": (1, MAX_REQUESTS)})
    return models.CheckConstraint(condition=within, name=f"requestlimits_{field}_sane")


class RequestLimits(models.Model):
    """What requests a key may make, or all keys of a project together; both hold for a key.

    Verification reads them with every key, so they are plain text: a model name or IP range in each line,
    in the spelling that they are compared in. A row limits something: without limits there is none.
    """

    project = models.OneToOneField(
        Project, on_delete=models.PROTECT, null=True, related_name="request_limits"
    )
    api_key = models.OneToOneField(
        ApiKey, on_delete=models.PROTECT, null=True, related_name="request_limits"
    )
    requests_per_minute = models.PositiveIntegerField(null=True)
    requests_per_day = models.PositiveIntegerField(null=True)
    model_rule = models.CharField(
        max_length=10, choices=ModelRule.choices, default=ModelRule.ANY, db_default=ModelRule.ANY
    )
    model_names = models.TextField(default="", db_default="")
    ip_ranges = models.TextField(default="", db_default="")

    class Meta:
        verbose_name_plural = "request limits"
        constraints = [
            choice_constraint("model_rule", ModelRule, "requestlimits"),
            requests_constraint("requests_per_minute"),
            requests_constraint("requests_per_day"),
            models.CheckConstraint(
                condition=Q(project__isnull=True, api_key__isnull=False)
                | Q(project__isnull=False, api_key__isnull=True),
                name="requestlimits_of_one",
            ),
            models.CheckConstraint(
                condition=Q(model_rule=ModelRule.ANY, model_names="")
                | (~Q(model_rule=ModelRule.ANY) & ~Q(model_names="")),
                name="requestlimits_rule_names_models",
            ),
            models.CheckConstraint(
                condition=Q(requests_per_minute__isnull=False)
                | Q(requests_per_day__isnull=False)
                | ~Q(model_names="")
                | ~Q(ip_ranges=""),
                name="requestlimits_limits_something",
            ),
        ]

    def __str__(self) -> str:
        return f"limits of {self.api_key or self.project}"

    @classmethod
    def of(cls, subject: "Project | ApiKey") -> "RequestLimits":
        """Returns the limits of a project or key, or a row without any that was not saved."""
        if isinstance(subject, ApiKey):
            return getattr(subject, "request_limits", None) or cls(api_key=subject)
        return getattr(subject, "request_limits", None) or cls(project=subject)

    @property
    def rules(self) -> dict[str, Any]:
        """The limits by name, for the form and the audit log; models and ranges as lists."""
        return {
            "requests_per_minute": self.requests_per_minute,
            "requests_per_day": self.requests_per_day,
            "model_rule": self.model_rule,
            "model_names": self.model_names.split(),
            "ip_ranges": self.ip_ranges.split(),
        }

    @property
    def is_empty(self) -> bool:
        """Whether it limits nothing."""
        return not any(
            (self.requests_per_minute, self.requests_per_day, self.model_names, self.ip_ranges)
        )
