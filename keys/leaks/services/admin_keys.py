"""Admin API keys found in public, with which anyone could manage their organization."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from accounts.actors import Actor
from accounts.models import Organization
from accounts.outbox import notify
from keys.formats import Prefix, is_secret
from keys.leaks.services.descendants import end_lineage, is_anything_left
from keys.models import AdminKey
from keys.models.lineage import Lineage


def find_leaked_admin_keys(tokens: Iterable[str]) -> dict[str, AdminKey]:
    """Returns the admin API keys whose secrets are among `tokens`, by the text, in one query."""
    return AdminKey.objects.by_text(text for text in tokens if is_secret(Prefix.ADMIN_KEY, text))


@transaction.atomic
def report_admin_key(*, actor: Actor, key: AdminKey, details: dict[str, Any]) -> None:
    """Revokes the key with all that was created with it, and notifies the organization's Owner.

    The finder may have created others with it. API keys are revoked unless the organization's key policy
    wants those that are found in public only reported. Does nothing if all of that has ended.
    """
    organization = Organization.objects.lock(key.organization_id)
    locked = organization.admin_keys.get(pk=key.pk)
    lineage = Lineage(organization, [locked])
    if not is_anything_left(locked, lineage):
        return
    context = end_lineage(actor, locked, lineage, details)
    subject = f"Revoked: the admin API key {locked.name} was found in public"
    if context["was_over"]:
        subject = f"The admin API key {locked.name} was found in public"
    notify(
        organization.memberships.owner().user,
        subject,
        "keys/mail/admin_key_leaked.txt",
        key=locked,
        organization=organization,
        **context,
        **details,
    )
