"""The base of all stored secrets: their HMAC, a hint, and when they were last used."""

from collections.abc import Iterable
from typing import Any, Self

from django.db import models
from django.utils import timezone

from accounts.crypto.peppers import PEPPER_ID_LENGTH, peppers
from keys.formats import digest, digests, make_hint


class HashedSecretQuerySet(models.QuerySet[Any]):
    def with_secret(self, secret: str) -> Self:
        """The row of a secret, whichever pepper it is stored under."""
        return self.filter(mac__in=digests(secret))

    def by_text(self, secrets: Iterable[str]) -> dict[str, Any]:
        """Returns the rows of the secrets by their text. Always one query, so that its time tells nothing."""
        texts = {digest(secret, pepper): secret for secret in secrets for pepper in peppers()}
        # Django would answer an empty list without a query.
        return {texts[bytes(row.mac)]: row for row in self.filter(mac__in=[*texts, b""])}


class HashedSecret(models.Model):
    """A secret of which only the HMAC is stored."""

    mac = models.BinaryField(max_length=32, unique=True, editable=False)
    pepper_id = models.CharField(max_length=PEPPER_ID_LENGTH, editable=False)
    hint = models.CharField(max_length=20, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True

    def set_secret(self, secret: str) -> None:
        """Sets the columns that are derived from the secret."""
        pepper = peppers()[0]
        self.mac, self.pepper_id = digest(secret, pepper), pepper.id
        self.hint = make_hint(secret)
