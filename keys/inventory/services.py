"""Acts on several keys of an organization at once."""

from collections.abc import Sequence

from django.db import transaction
from django.http import Http404

from accounts.access.organization import lock_organization
from accounts.actors import Actor
from accounts.errors import Conflict
from accounts.models import Organization
from accounts.permissions import Permission
from keys.models import ApiKey


@transaction.atomic
def revoke_several(
    *, actor: Actor, organization: Organization, keys: Sequence[ApiKey]
) -> list[ApiKey]:
    """Refused from the next request on, for good: all of them or none.

    Http404 when one is not a listed key of the organization, Conflict when one is revoked already.
    """
    access = lock_organization(actor.principal, organization, Permission.ORGANIZATION_KEYS_REVOKE)
    wanted = {key.pk for key in keys}
    own = ApiKey.objects.in_organization(access.organization).listed().filter(pk__in=wanted)
    found = list(own.in_lock_order())
    if len(found) != len(wanted):
        raise Http404
    if gone := [key.name for key in found if key.revoked_at]:
        raise Conflict(f"Revoked already: {', '.join(gone)}. Nothing was done to the others yet.")
    return own.revoke(actor)
