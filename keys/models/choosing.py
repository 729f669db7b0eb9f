"""Revokes the keys that a person selected in a form."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.core.exceptions import ValidationError
from django.db import models

from accounts.actors import Actor
from accounts.members.departure import ALL_KEYS

NOT_THEIRS = "One of these keys wasn't created by them here. Choose from the keys listed."
Key = TypeVar("Key", bound=models.Model)


class ChoosableQuerySet(models.QuerySet[Key]):
    """The part of `ApiKeyQuerySet` that takes ids from a form."""

    if TYPE_CHECKING:

        def active(self) -> Self: ...

        def revoke(self, actor: Actor, *, reason: str = "") -> list[Any]: ...

    def revoke_chosen(self, actor: Actor, chosen: Collection[str], *, reason: str) -> int:
        """Revokes the keys with these public ids, or with `ALL_KEYS` all active ones, and returns how many.

        Raises ValidationError at `revoke` for the id of any other key. Keys that are revoked already are
        skipped. See `revoke`.
        """
        if not chosen:
            return 0
        if set(chosen) - {ALL_KEYS, *self.values_list("public_id", flat=True)}:
            raise ValidationError({"revoke": NOT_THEIRS})
        revoked = self.filter(public_id__in=chosen).revoke(actor, reason=reason)
        if ALL_KEYS in chosen:
            revoked += self.active().revoke(actor, reason=reason)
        return len(revoked)
