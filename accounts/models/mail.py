"""The outbox: every email is stored first, in the transaction of the action it is about."""

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.constraints import choice_constraint
from accounts.crypto.encryption import decrypt, encrypt
from accounts.enums import Delivery
from accounts.fields import AddressField
from accounts.models.invitation import Invitation
from accounts.models.user import User

# Waiting times after the first, second … failure; after the last of them the email has failed for good.
RETRIES = [dt.timedelta(minutes=minutes) for minutes in (1, 5, 30, 120, 480)]
# A worker claims an email for this long; after that another can claim it, should the first have died.
LEASE = dt.timedelta(minutes=2)
PURPOSE = "mail"
BODY_KEPT = dt.timedelta(days=7)


class OutgoingMailQuerySet(models.QuerySet["OutgoingMail"]):
    def due(self) -> Self:
        """Emails to be sent now."""
        return self.filter(state=Delivery.QUEUED, next_attempt_at__lte=timezone.now())

    def erase_failed_bodies(self) -> int:
        """Deletes the bodies of emails that failed longer than `BODY_KEPT` ago. Returns how many."""
        failed = self.filter(state=Delivery.FAILED, done_at__lt=timezone.now() - BODY_KEPT)
        return failed.exclude(sealed_body="").update(sealed_body="")

    def with_invitations(self) -> Self:
        return self.select_related("invitation__organization", "invitation__invited_by")

    def claim(self, pk: int) -> "OutgoingMail | None":
        """Claims the email for the length of the lease; returns None if it is not due."""
        claimed = self.due().filter(pk=pk).update(next_attempt_at=timezone.now() + LEASE)
        return self.with_invitations().get(pk=pk) if claimed else None


class OutgoingMail(models.Model):
    """An email to one address.

    The body is encrypted, because it can contain a code or a link. It is deleted once the email is sent, or
    `BODY_KEPT` after it failed; until then support can send it again. Emails of invitations are stored
    without a body: it is made when they are sent, because tokens of invitations are not stored.
    """

    to = AddressField()
    subject = models.CharField(max_length=200)
    sealed_body = models.TextField(blank=True, editable=False)
    invitation = models.ForeignKey(
        Invitation, on_delete=models.PROTECT, null=True, related_name="mails"
    )
    generation = models.PositiveIntegerField(null=True)
    # Set for emails that the recipient can turn off.
    recipient = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=20, blank=True, db_default="")
    state = models.CharField(max_length=10, choices=Delivery.choices, default=Delivery.QUEUED)
    attempts = models.PositiveSmallIntegerField(default=0)
    error = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    next_attempt_at = models.DateTimeField(default=timezone.now, editable=False)
    done_at = models.DateTimeField(null=True, editable=False)

    objects = OutgoingMailQuerySet.as_manager()

    class Meta:
        constraints = [
            choice_constraint("state", Delivery, "outgoingmail"),
            models.CheckConstraint(
                condition=~Q(state=Delivery.QUEUED)
                | Q(invitation__isnull=False, generation__isnull=False)
                | ~Q(sealed_body=""),
                name="outgoingmail_queued_says_something",
            ),
        ]
        indexes = [models.Index(fields=["state", "next_attempt_at"], name="outgoingmail_due")]

    def __str__(self) -> str:
        return f"{self.subject} to {self.to}"

    @property
    def body(self) -> str:
        """The body. Raises UndecryptableError if ENCRYPTION_KEY has changed."""
        return decrypt(self.sealed_body, purpose=PURPOSE)

    @body.setter
    def body(self, text: str) -> None:
        self.sealed_body = encrypt(text, purpose=PURPOSE)

    @property
    def public_id(self) -> str:
        """Names the email in the console's own audit log, which only staff read."""
        return f"mail_{self.pk}"

    @property
    def history_target(self) -> "Invitation | OutgoingMail":
        """The target of audit events about the email."""
        return self.invitation or self

    def queue_again(self) -> None:
        """Makes a failed email due, with all its retries."""
        self.state, self.attempts, self.error = Delivery.QUEUED, 0, ""
        self.next_attempt_at, self.done_at = timezone.now(), None
        self.save(update_fields=["state", "attempts", "error", "next_attempt_at", "done_at"])

    def finish(self, state: Delivery, error: str = "") -> None:
        """Marks the email as sent, which deletes its body, or as failed for good."""
        self.state, self.error = state, error[:200]
        if state == Delivery.SENT:
            self.sealed_body = ""
        self.attempts += 1
        self.done_at = timezone.now()
        self.save(update_fields=["state", "error", "sealed_body", "attempts", "done_at"])

    def postpone(self, error: str) -> None:
        """Schedules the next attempt; after the last of `RETRIES` marks the email as failed."""
        if self.attempts >= len(RETRIES):
            self.finish(Delivery.FAILED, error)
            return
        self.next_attempt_at = timezone.now() + RETRIES[self.attempts]
        self.attempts += 1
        self.error = error[:200]
        self.save(update_fields=["next_attempt_at", "attempts", "error"])
