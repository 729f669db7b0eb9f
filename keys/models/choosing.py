"""Revoking keys that somebody ticked in a list."""

from collections.abc import Collection
from typing import TYPE_CHECKING, Any, Self, TypeVar

from django.core.exceptions import ValidationError
from django.db import models

from accounts.actors import Actor
from accounts.members.departure import ALL_KEYS

NOT_THEIRS = "One of these is no key they created here. Choose among the keys listed."
Key = TypeVar("Key", bound=models.Model)


class ChoosableQuerySet(models.QuerySet[Key]):
    """The part of `ApiKeyQuerySet` that takes what a form names."""

    if TYPE_CHECKING:

        def active(self) -> Self: ...

        def revoke(self, actor: Actor, *, reason: str = "") -> list[Any]: ...

    def revoke_chosen(self, actor: Actor, chosen: Collection[str], *, reason: str) -> int:
        """Revokes those with these public ids, and with `ALL_KEYS` every active one; see `revoke`.

        Gives how many. ValidationError at `revoke` for an id that is none of these keys. One that
        is revoked already counts as done: somebody was faster.
        """
        if not chosen:
            return 0
        if set(chosen) - {ALL_KEYS, *self.values_list("public_id", flat=True)}:
            raise ValidationError({"revoke": NOT_THEIRS})
        revoked = self.filter(public_id__in=chosen).revoke(actor, reason=reason)
        if ALL_KEYS in chosen:
            revoked += self.active().revoke(actor, reason=reason)
        return len(revoked)
