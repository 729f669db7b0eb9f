"""The secrets of keys: one is current, and during a rotation the old one still works."""

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.fields import CreatedWithField
from accounts.models import User
from keys.models.api_key import ApiKey
from keys.models.hashed import HashedSecret, HashedSecretQuerySet


class KeySecretQuerySet(HashedSecretQuerySet):
    def current(self) -> Self:
        """The current secrets, one for each key."""
        return self.filter(ends_at__isnull=True)

    def live(self) -> Self:
        """The current secrets and old ones that still work."""
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=timezone.now()))


class KeySecret(HashedSecret):
    """A secret of a key. The one without an end is current; rotating sets the end of the old one."""

    api_key = models.ForeignKey(ApiKey, on_delete=models.PROTECT, related_name="secrets")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    # The public id of the credential that created it; empty for a session.
    created_with = CreatedWithField()
    # Decided at creation: a secret that an external creates cannot read usage, even if older ones can.
    may_read_usage = models.BooleanField(editable=False)
    ends_at = models.DateTimeField(null=True, editable=False)

    objects = KeySecretQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["api_key"], condition=Q(ends_at__isnull=True), name="keysecret_one_current"
            ),
            models.CheckConstraint(
                condition=Q(ends_at__isnull=True) | Q(ends_at__gte=F("created_at")),
                name="keysecret_ends_after_creation",
            ),
        ]

    @property
    def is_over(self) -> bool:
        """Whether it is refused for good."""
        ended = self.ends_at is not None and self.ends_at <= timezone.now()
        return ended or self.api_key.revoked_at is not None

    def end(self, moment: dt.datetime | None) -> None:
        """Sets until when it works; None for as long as its key."""
        # The clock of the machine that created it may be ahead of ours.
        self.ends_at = max(moment, self.created_at) if moment else None
        self.save(update_fields=["ends_at"])

    def __str__(self) -> str:
        return self.hint
