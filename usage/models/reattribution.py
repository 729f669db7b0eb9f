"""Re-attributions: past usage of a product moved to the projects that it was meant for."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.constraints import one_of
from accounts.fields import PublicIdField
from accounts.models import User
from usage.enums import ReattributionState
from usage.models.catalogue import Product

RUNNING = (ReattributionState.APPLYING, ReattributionState.UNDOING)


class ReattributionQuerySet(models.QuerySet["Reattribution"]):
    def running(self) -> Self:
        return self.filter(state__in=RUNNING)


class Reattribution(models.Model):
    """The usage of one product in [starts_at, ends_at), moved in batches that can be resumed and undone.

    `reached` is the primary key of the last record looked at, in the direction that `state` says.
    """

    public_id = PublicIdField("move")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="reattributions")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(
        max_length=10, choices=ReattributionState.choices, default=ReattributionState.APPLYING
    )
    reached = models.BigIntegerField(default=0)
    moved_records = models.BigIntegerField(default=0)
    moved_cost = models.BigIntegerField(default=0)
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = ReattributionQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        constraints = [
            one_of("state", ReattributionState, "reattribution"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="reattribution_ends_after_start"
            ),
            # Two at once would meet the same records.
            models.UniqueConstraint(
                fields=["product"],
                condition=Q(state__in=("applying", "undoing")),
                name="reattribution_one_running",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product}: {self.starts_at:%Y-%m-%d} to {self.ends_at:%Y-%m-%d}"
