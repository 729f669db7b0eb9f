"""The bases of stored secrets: their HMAC, a hint, and when they were last used, revoked or expire."""

from collections.abc import Iterable
from typing import Any, Self

from django.db import models
from django.utils import timezone

from accounts.crypto.peppers import PEPPER_ID_LENGTH, peppers
from accounts.fields import NameField
from accounts.queries.clock import query_time
from accounts.searching import Searchable, SearchTextField
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


class RevocableSecretQuerySet(HashedSecretQuerySet):
    def unrevoked(self) -> Self:
        return self.filter(revoked_at__isnull=True)


class RevocableSecret(Searchable, HashedSecret):
    """A secret with a name, which can be revoked for good."""

    name = NameField()
    search_text = SearchTextField("name")
    revoked_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name

    @property
    def is_over(self) -> bool:
        """Whether it is refused for good."""
        return self.revoked_at is not None


class ExpiringSecretQuerySet(RevocableSecretQuerySet):
    def live(self) -> Self:
        """Secrets neither revoked nor expired, whether or not what they give access to is there."""
        return self.unrevoked().filter(expires_at__gt=query_time())


class ExpiringSecret(RevocableSecret):
    """A secret that also expires. It never changes except that it can be revoked."""

    expires_at = models.DateTimeField(editable=False)

    class Meta:
        abstract = True

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def is_over(self) -> bool:
        return super().is_over or self.is_expired
