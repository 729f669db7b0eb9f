"""Reattributions: past usage of a product moved to the projects it was intended for."""

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.constraints import choice_constraint
from accounts.fields import PublicIdField
from accounts.models import User
from usage.enums import ReattributionState
from usage.models.catalogue import Product

RUNNING = (ReattributionState.APPLYING, ReattributionState.UNDOING)
# A batch takes about a second, so whatever was working on it must have stopped.
STALLED = dt.timedelta(minutes=2)


class ReattributionQuerySet(models.QuerySet["Reattribution"]):
    def running(self) -> Self:
        return self.filter(state__in=RUNNING)

    def stalled(self) -> Self:
        return self.running().filter(touched_at__lt=timezone.now() - STALLED)

    def with_names(self) -> Self:
        return self.select_related("product", "made_by")

    def lock(self, pk: int) -> "Reattribution":
        """Returns the row as it is now, locked until the transaction ends."""
        return self.with_names().select_for_update(no_key=True, of=("self",)).get(pk=pk)


class Reattribution(models.Model):
    """Moves the usage of one product in [starts_at, ends_at) in batches that can be resumed and undone.

    Records up to `last_record` are moved; the records that move them have later primary keys. `reached`
    is the primary key of the last record looked at, there or back depending on `state`.
    """

    public_id = PublicIdField("move")
    product = models.ForeignKey(Product, on_delete=models.PROTECT, related_name="reattributions")
    starts_at = models.DateTimeField()
    ends_at = models.DateTimeField()
    state = models.CharField(
        max_length=10, choices=ReattributionState.choices, default=ReattributionState.APPLYING
    )
    last_record = models.BigIntegerField(default=0)
    reached = models.BigIntegerField(default=0)
    planned_records = models.BigIntegerField(default=0)
    moved_records = models.BigIntegerField(default=0)
    moved_cost = models.BigIntegerField(default=0)
    undone_records = models.BigIntegerField(default=0)
    # None: started with bin/manage.
    made_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    made_at = models.DateTimeField(default=timezone.now)
    touched_at = models.DateTimeField(default=timezone.now)
    finished_at = models.DateTimeField(null=True)

    objects = ReattributionQuerySet.as_manager()

    class Meta:
        ordering = ("-pk",)
        verbose_name = "reattribution"
        constraints = [
            choice_constraint("state", ReattributionState, "reattribution"),
            models.CheckConstraint(
                condition=Q(ends_at__gt=F("starts_at")), name="reattribution_ends_after_start"
            ),
            # Two at once would move the same records.
            models.UniqueConstraint(
                fields=["product"],
                condition=Q(state__in=("applying", "undoing")),
                name="reattribution_one_running",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.product}: {self.first_day} to {self.last_day}"

    @property
    def first_day(self) -> dt.date:
        return self.starts_at.astimezone(dt.UTC).date()

    @property
    def last_day(self) -> dt.date:
        return self.ends_at.astimezone(dt.UTC).date() - dt.timedelta(days=1)

    @property
    def is_running(self) -> bool:
        return self.state in RUNNING

    @property
    def is_undoing(self) -> bool:
        return self.state == ReattributionState.UNDOING

    @property
    def steps(self) -> tuple[int, int]:
        """The number of events that have been moved (or moved back), and the number of all."""
        if self.state in (ReattributionState.UNDOING, ReattributionState.UNDONE):
            return self.undone_records, self.moved_records
        return self.moved_records, max(self.planned_records, self.moved_records)

    def touch(self) -> None:
        self.touched_at = timezone.now()
        self.save(update_fields=["touched_at"])

    def advance(self, reached: int, records: int, cost: int) -> None:
        """Saves the progress of a batch, in the transaction that wrote the batch."""
        self.reached, self.touched_at = reached, timezone.now()
        if self.is_undoing:
            self.undone_records += records
        else:
            self.moved_records += records
            self.moved_cost += cost
        self.save(
            update_fields=[
                *("reached", "touched_at", "moved_records", "moved_cost", "undone_records"),
            ]
        )

    def start_undo(self) -> None:
        """Starts to move back what it has moved so far."""
        self.state, self.reached = ReattributionState.UNDOING, self.last_record
        self.touched_at, self.finished_at = timezone.now(), None
        self.save(update_fields=["state", "reached", "touched_at", "finished_at"])

    def finish(self) -> None:
        done, undone = ReattributionState.APPLIED, ReattributionState.UNDONE
        self.state = undone if self.is_undoing else done
        self.finished_at = self.touched_at = timezone.now()
        self.save(update_fields=["state", "touched_at", "finished_at"])
