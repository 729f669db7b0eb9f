"""Personal access tokens found in public, with which anyone could act as their owner."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from accounts.actors import Actor
from accounts.models import Organization
from accounts.outbox import notify
from keys.formats import Prefix, is_secret
from keys.leaks.services.descendants import end_lineage, is_anything_left
from keys.models import PersonalToken
from keys.models.lineage import Lineage


def find_leaked_personal_tokens(tokens: Iterable[str]) -> dict[str, PersonalToken]:
    """Returns the access tokens whose secrets are among `tokens`, by the text, in one query."""
    return PersonalToken.objects.by_text(
        text for text in tokens if is_secret(Prefix.PERSONAL, text)
    )


@transaction.atomic
def report_personal_token(*, actor: Actor, token: PersonalToken, details: dict[str, Any]) -> None:
    """Revokes the token with all that was created with it and notifies its owner.

    Does nothing if all of that has ended.
    """
    organization = Organization.objects.lock(token.organization_id)
    locked = PersonalToken.objects.all().lock(token.pk)
    if locked is None:
        return
    lineage = Lineage(organization, [locked])
    if not is_anything_left(locked, lineage):
        return
    context = end_lineage(actor, locked, lineage, details)
    subject = f"Revoked: your access token {locked.name} was found in public"
    if context["was_over"]:
        subject = f"Your access token {locked.name} was found in public"
    notify(
        locked.user,
        subject,
        "keys/mail/token_leaked.txt",
        token=locked,
        **context,
        **details,
    )
