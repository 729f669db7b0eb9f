"""Resets of second factors by support staff, which wait a day so that the person can cancel them."""

import datetime as dt
from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.constraints import choice_constraint
from accounts.enums import Delivery, FactorResetState
from accounts.fields import PublicIdField
from accounts.models.mail import OutgoingMail
from accounts.models.user import User

RESET_WAIT = dt.timedelta(hours=24)
# For how long a reset is postponed whose email has not been sent.
DELAY = dt.timedelta(hours=1)
NOTE_LENGTH = 500


class FactorResetQuerySet(models.QuerySet["FactorReset"]):
    def pending(self) -> Self:
        return self.filter(state=FactorResetState.PENDING)

    def due(self) -> Self:
        return self.pending().filter(due_at__lte=timezone.now())

    def forget(self) -> None:
        """Cancels what is waiting for a deleted account, and erases what staff wrote about the person."""
        canceled = {"state": FactorResetState.CANCELED, "ended_at": timezone.now()}
        self.pending().update(**canceled)
        self.update(note="")

    def lock(self, pk: int) -> "FactorReset":
        """Returns the reset with its user, locked until the transaction ends."""
        return self.select_related("user").select_for_update(no_key=True, of=("self",)).get(pk=pk)


class FactorReset(models.Model):
    """A reset of all second factors of a user: requested by staff, done after `RESET_WAIT`.

    `requested_by` is None if an operator requested it with `bin/manage reset_second_factors`.
    """

    public_id = PublicIdField("reset")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="factor_resets")
    requested_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="requested_factor_resets"
    )
    # The email that says how to cancel it.
    mail = models.ForeignKey(
        OutgoingMail, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    note = models.CharField(max_length=NOTE_LENGTH)
    requested_at = models.DateTimeField(editable=False)
    due_at = models.DateTimeField(editable=False)
    state = models.CharField(
        max_length=10,
        choices=FactorResetState.choices,
        default=FactorResetState.PENDING,
        editable=False,
    )
    ended_at = models.DateTimeField(null=True, editable=False)

    objects = FactorResetQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(state=FactorResetState.PENDING),
                name="factorreset_one_pending",
            ),
            models.CheckConstraint(
                condition=Q(due_at__gte=F("requested_at") + RESET_WAIT), name="factorreset_waits"
            ),
            models.CheckConstraint(
                condition=Q(requested_by__isnull=True) | ~Q(requested_by=F("user")),
                name="factorreset_somebody_else",
            ),
            models.CheckConstraint(
                condition=Q(state=FactorResetState.PENDING, ended_at__isnull=True)
                | (~Q(state=FactorResetState.PENDING) & Q(ended_at__isnull=False)),
                name="factorreset_ends_once",
            ),
            # Done only when its time has come.
            models.CheckConstraint(
                condition=~Q(state=FactorResetState.DONE) | Q(ended_at__gte=F("due_at")),
                name="factorreset_not_early",
            ),
            choice_constraint("state", FactorResetState, "factorreset"),
        ]

    def __str__(self) -> str:
        return f"reset of second factors of {self.user}"

    @property
    def is_pending(self) -> bool:
        return self.state == FactorResetState.PENDING

    @property
    def announced_at(self) -> dt.datetime | None:
        """When the person was mailed how to cancel it; None if they were not yet.

        Without a mail server, and for resets from before their mail was kept, when it was requested.
        """
        if settings.NO_MAIL or self.mail is None:
            return self.requested_at
        return self.mail.done_at if self.mail.state == Delivery.SENT else None

    @property
    def was_postponed(self) -> bool:
        """Whether it waits for longer than a day, because its email was not sent at once."""
        return self.due_at > self.requested_at + RESET_WAIT

    def postpone(self) -> bool:
        """Postpones the reset until a day after its email was sent; returns whether that was necessary."""
        now = timezone.now()
        due_at = self.announced_at + RESET_WAIT if self.announced_at else now + DELAY
        if due_at <= now:
            return False
        self.due_at = due_at
        self.save(update_fields=["due_at"])
        return True

    def finish(self, state: FactorResetState) -> None:
        self.state, self.ended_at = state, timezone.now()
        self.save(update_fields=["state", "ended_at"])
