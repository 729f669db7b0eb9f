"""What every stored secret has: its HMAC, a hint, and when it was last used."""

from collections.abc import Iterable
from typing import Any, Self

from django.db import models
from django.utils import timezone

from accounts.crypto.peppers import PEPPER_ID_LENGTH, peppers
from keys.formats import digest, digests, make_hint


class HashedSecretQuerySet(models.QuerySet[Any]):
    def with_secret(self, secret: str) -> Self:
        """The row of that secret text, under whichever pepper it is stored."""
        return self.filter(mac__in=digests(secret))

    def by_text(self, secrets: Iterable[str]) -> dict[str, Any]:
        """The rows of those secret texts, by the text, in one query whatever is among them."""
        texts = {digest(secret, pepper): secret for secret in secrets for pepper in peppers()}
        # An empty list would be answered without asking.
        return {texts[bytes(row.mac)]: row for row in self.filter(mac__in=[*texts, b""])}


class HashedSecret(models.Model):
    """A secret of which only the HMAC is kept."""

    mac = models.BinaryField(max_length=32, unique=True, editable=False)
    pepper_id = models.CharField(max_length=PEPPER_ID_LENGTH, editable=False)
    hint = models.CharField(max_length=20, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    last_used_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True

    def set_secret(self, secret: str) -> None:
        """Takes the secret text in, as it is stored."""
        pepper = peppers()[0]
        self.mac, self.pepper_id = digest(secret, pepper), pepper.id
        self.hint = make_hint(secret)
