"""Revokes several keys of an organization at once."""

from collections.abc import Sequence

from django.db import transaction
from django.http import Http404

from accounts.access.organization import lock_organization
from accounts.actors import Actor
from accounts.errors import Conflict
from accounts.models import Organization
from accounts.permissions import Permission
from keys.api_keys.mails import notify_of_revocation
from keys.models import ApiKey


@transaction.atomic
def revoke_several(
    *, actor: Actor, organization: Organization, keys: Sequence[ApiKey]
) -> list[ApiKey]:
    """Revokes the keys for good, from the next request on: all of them or none.

    Raises Http404 if one is not a listed key of the organization, Conflict if one is revoked already.
    """
    access = lock_organization(actor.principal, organization, Permission.ORGANIZATION_KEYS_REVOKE)
    ids = {key.pk for key in keys}
    own = ApiKey.objects.in_organization(access.organization).listed().filter(pk__in=ids)
    locked = list(own.in_lock_order())
    if len(locked) != len(ids):
        raise Http404
    if revoked := [key.name for key in locked if key.revoked_at]:
        raise Conflict(f"Already revoked: {', '.join(revoked)}. The other keys weren't changed.")
    keys_revoked = own.revoke(actor)
    notify_of_revocation(actor, keys_revoked)
    return keys_revoked
