"""Tokens of service accounts found in public, with which anyone could act as the service account."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from accounts.actors import Actor
from accounts.models import Organization
from accounts.outbox import notify
from keys.formats import Prefix, is_secret
from keys.leaks.services.descendants import end_lineage, is_anything_left
from keys.leaks.services.mails import can_see
from keys.models import AccountToken
from keys.models.lineage import Lineage


def find_leaked_account_tokens(tokens: Iterable[str]) -> dict[str, AccountToken]:
    """Returns the tokens of service accounts whose secrets are among `tokens`, by the text, in one query."""
    rows = AccountToken.objects.in_full()
    return rows.by_text(text for text in tokens if is_secret(Prefix.SERVICE_ACCOUNT, text))


@transaction.atomic
def report_account_token(*, actor: Actor, token: AccountToken, details: dict[str, Any]) -> None:
    """Revokes the token with all that was created with it, and notifies the Owner and its creator.

    Does nothing if all of that has ended.
    """
    project = token.service_account.project
    organization = Organization.objects.lock(project.organization_id)
    locked = AccountToken.objects.in_full().get(pk=token.pk)
    lineage = Lineage(organization, [locked])
    if not is_anything_left(locked, lineage):
        return
    context = end_lineage(actor, locked, lineage, details)
    people = [organization.memberships.owner().user]
    creator = locked.created_by
    if creator and creator not in people and can_see(creator, project):
        people.append(creator)
    subject = f"Revoked: the token {locked.name} of a service account was found in public"
    if context["was_over"]:
        subject = f"The token {locked.name} of a service account was found in public"
    for user in people:
        notify(
            user,
            subject,
            "keys/mail/account_token_leaked.txt",
            token=locked,
            project=project,
            organization=organization,
            **context,
            **details,
        )
