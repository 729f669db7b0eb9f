"""The secrets of keys: one current, and for a while the one it replaces."""

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from keys.models.api_key import ApiKey
from keys.models.hashed import HashedSecret, HashedSecretQuerySet


class KeySecretQuerySet(HashedSecretQuerySet):
    def current(self) -> Self:
        """The ones that stay, one a key."""
        return self.filter(ends_at__isnull=True)

    def live(self) -> Self:
        """The current ones and those still within their rotation's overlap."""
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=timezone.now()))


class KeySecret(HashedSecret):
    """A secret of a key. One without an end is current; rotating gives the old one an end."""

    api_key = models.ForeignKey(ApiKey, on_delete=models.PROTECT, related_name="secrets")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
    # Stamped when it is made: a secret that an external made reads no usage, also of a key that does.
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
        """Whether it is refused for good: neither comes back."""
        ended = self.ends_at is not None and self.ends_at <= timezone.now()
        return ended or self.api_key.revoked_at is not None

    def end(self, moment: dt.datetime | None) -> None:
        """Lets it work until then, or as long as its key (None)."""
        # By the clock of another machine it may have been made a moment later than now.
        self.ends_at = max(moment, self.created_at) if moment else None
        self.save(update_fields=["ends_at"])

    def __str__(self) -> str:
        return self.hint
