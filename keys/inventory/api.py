"""The management API of all API keys of an organization. OpenAI's API only has those of one project."""

from django.http import Http404, HttpRequest

from accounts.permissions import Permission
from accounts.web.api.callers import MANAGERS, Caller, require_organization
from accounts.web.api.listing import ObjectList, list_objects
from accounts.web.api.routes import api_route
from keys.inventory.lists import listed_keys
from keys.inventory.payloads import (
    InventoryParameters,
    KeysToRevoke,
    OrganizationApiKey,
    RevokedApiKeys,
)
from keys.inventory.segments import filter_segment
from keys.inventory.services import revoke_several
from keys.models import KeyPolicy
from projects.tags.periods import with_tags

TAG = "API keys"


@api_route(
    "GET",
    "List API keys of all projects",
    tag=TAG,
    credentials=MANAGERS,
    permission=Permission.ORGANIZATION_KEYS_SEE,
)
def list_keys(
    request: HttpRequest, caller: Caller, query: InventoryParameters
) -> ObjectList[OrganizationApiKey]:
    """Lists what the *API keys* page of the organization lists, for the Owner, Admins and admin API keys."""
    organization = require_organization(caller)
    listed = listed_keys(organization).with_use().with_owners()
    everything = with_tags(listed.prefetch_related("secrets"))
    keys = filter_segment(everything, query.segment, KeyPolicy.of(organization))
    if query.project_ids:
        ids = [public_id.replace("\x00", "") for public_id in query.project_ids]
        keys = keys.filter(project__public_id__in=ids)
    return list_objects(keys, query, OrganizationApiKey.of_listed, lookup=everything)


@api_route(
    "POST",
    "Revoke several API keys",
    tag=TAG,
    credentials=MANAGERS,
    permission=Permission.ORGANIZATION_KEYS_REVOKE,
    errors=(404, 409),
)
def revoke(request: HttpRequest, caller: Caller, body: KeysToRevoke) -> RevokedApiKeys:
    """Revokes the keys for good, from the next request on: all of them, or none if one can't be revoked."""
    organization = require_organization(caller)
    ids = list(dict.fromkeys(body.ids))
    keys = list(listed_keys(organization).filter(public_id__in=ids))
    if len(keys) != len(ids):
        raise Http404
    revoke_several(actor=caller.actor(request), organization=organization, keys=keys)
    return RevokedApiKeys(ids)
