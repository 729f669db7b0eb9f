"""Blocks: what may not spend any more, from when until when, and the budget that says so."""

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import F, Q

from accounts.constraints import choice_constraint
from accounts.models import Organization
from keys.enums import SpendScope


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
