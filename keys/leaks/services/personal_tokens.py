"""Personal access tokens found in public: whoever reads one could work as its person."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from accounts.actors import Actor
from accounts.outbox import notify
from keys.formats import Prefix, is_secret
from keys.models import PersonalToken


def find_leaked_personal_tokens(tokens: Iterable[str]) -> dict[str, PersonalToken]:
    """Those whose secrets are among `tokens`, by the text, in one query."""
    return PersonalToken.objects.by_text(one for one in tokens if is_secret(Prefix.PERSONAL, one))


@transaction.atomic
def report_personal_token(*, actor: Actor, token: PersonalToken, found: dict[str, Any]) -> None:
    """Revokes it and tells its person; nothing when it has ended."""
    locked = PersonalToken.objects.all().lock(token.pk)
    if locked is None or locked.is_over:
        return
    locked.revoke(actor, after={"found_at": found["found_at"]})
    notify(
        locked.user,
        f"Revoked: your access token {locked.name} was found in public",
        "keys/mail/token_leaked.txt",
        token=locked,
        **found,
    )
