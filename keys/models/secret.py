"""The secrets of keys: one current, and for a while the one it replaces."""

from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.models import User
from keys.models.api_key import ApiKey
from keys.models.hashed import HashedSecret, HashedSecretQuerySet


class KeySecretQuerySet(HashedSecretQuerySet):
    def live(self) -> Self:
        """The current ones and those still within their rotation's overlap."""
        return self.filter(Q(ends_at__isnull=True) | Q(ends_at__gt=timezone.now()))


class KeySecret(HashedSecret):
    """A secret of a key. One without an end is current; rotating gives the old one an end."""

    api_key = models.ForeignKey(ApiKey, on_delete=models.PROTECT, related_name="secrets")
    created_by = models.ForeignKey(User, on_delete=models.PROTECT, null=True, related_name="+")
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

    def __str__(self) -> str:
        return self.hint
