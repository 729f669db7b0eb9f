"""Admin API keys found in public, with which anyone could manage their organization."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from accounts.actors import Actor
from accounts.models import Organization
from accounts.outbox import notify
from keys.admin_keys.lineage import Lineage
from keys.api_keys.mails import notify_of_revocation
from keys.enums import LeakResponse
from keys.formats import Prefix, is_secret
from keys.models import AdminKey, KeyPolicy

WHY_REVOKED = "Created with an admin API key that was found in public."


def find_leaked_admin_keys(tokens: Iterable[str]) -> dict[str, AdminKey]:
    """Returns the admin API keys whose secrets are among `tokens`, by the text, in one query."""
    return AdminKey.objects.by_text(text for text in tokens if is_secret(Prefix.ADMIN_KEY, text))


@transaction.atomic
def report_admin_key(*, actor: Actor, key: AdminKey, details: dict[str, Any]) -> None:
    """Revokes the key with all that was created with it, and notifies the organization's Owner.

    The finder may have created others with it. API keys are revoked unless the organization's key policy
    wants those that are found in public only reported. Does nothing if the key has ended.
    """
    organization = Organization.objects.lock(key.organization_id)
    locked = organization.admin_keys.get(pk=key.pk)
    if locked.is_over:
        return
    lineage = Lineage(locked)
    created, api_keys = lineage.credentials, list(lineage.api_keys.select_related("project"))
    for revoked in [locked, *created]:
        revoked.revoke(actor, after={"found_at": details["found_at"]})
    ends = KeyPolicy.of(organization).on_leak == LeakResponse.REVOKE
    if ends:
        api_keys = lineage.api_keys.revoke(actor, reason=WHY_REVOKED)
        notify_of_revocation(actor, api_keys)
    notify(
        organization.memberships.owner().user,
        f"Revoked: the admin API key {locked.name} was found in public",
        "keys/mail/admin_key_leaked.txt",
        key=locked,
        organization=organization,
        created=created,
        api_keys=api_keys,
        ended=ends,
        **details,
    )
