"""Tokens of service accounts found in public, with which anyone could act as the service account."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from accounts.actors import Actor
from accounts.models import Organization
from accounts.outbox import notify
from keys.admin_keys.lineage import Lineage
from keys.formats import Prefix, is_secret
from keys.leaks.services.descendants import has_live_descendants, revoke_descendants
from keys.leaks.services.mails import can_see
from keys.models import AccountToken


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
    lineage = Lineage(organization, locked)
    # Its finder may have revoked it to keep what they created with it.
    if locked.is_over and not has_live_descendants(lineage):
        return
    if not locked.is_over:
        locked.revoke(actor, after={"found_at": details["found_at"]})
    context = revoke_descendants(actor, lineage, details)
    people = [organization.memberships.owner().user]
    creator = locked.created_by
    if creator and creator not in people and can_see(creator, project):
        people.append(creator)
    for user in people:
        notify(
            user,
            f"Revoked: the token {locked.name} of a service account was found in public",
            "keys/mail/account_token_leaked.txt",
            token=locked,
            project=project,
            organization=organization,
            **context,
            **details,
        )
