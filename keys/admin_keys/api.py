"""The management API of admin API keys. Source: OpenAI's Administration API."""

import datetime as dt

from django.http import Http404, HttpRequest

from accounts.permissions import Permission
from accounts.web.api.callers import MANAGERS, Caller, Credential, require_organization
from accounts.web.api.listing import ListParameters, ObjectList, list_objects
from accounts.web.api.names import read_name
from accounts.web.api.routes import api_route, join_routes
from keys.admin_keys.payloads import (
    AdminKeyObject,
    CreatedAdminKey,
    DeletedAdminKey,
    NewAdminKey,
    RevocationParameters,
)
from keys.admin_keys.services import create_admin_key, revoke_admin_key
from keys.models import AdminKey

TAG = "Admin API keys"


@api_route(
    "GET",
    "List admin API keys",
    tag=TAG,
    credentials=MANAGERS,
    permission=Permission.ADMIN_KEYS_SEE,
)
def list_admin_keys(
    request: HttpRequest, caller: Caller, query: ListParameters
) -> ObjectList[AdminKeyObject]:
    """Lists the keys that are not revoked. `after` also accepts the id of a revoked key."""
    keys = require_organization(caller).admin_keys.with_people()
    return list_objects(keys.unrevoked(), query, AdminKeyObject.of_key, lookup=keys)


@api_route(
    "POST",
    "Create an admin API key",
    tag=TAG,
    credentials=(Credential.ADMIN_KEY,),
    permission=Permission.ADMIN_KEYS_MANAGE,
    errors=(409,),
    fields={"lifetime": "expires_in_seconds"},
)
def create(request: HttpRequest, caller: Caller, body: NewAdminKey) -> CreatedAdminKey:
    """Only an admin API key creates another; people do on the page, where they confirm who they are.

    The new key can do what an Admin can do. The secret is only in this response."""
    seconds = body.expires_in_seconds
    issued = create_admin_key(
        actor=caller.actor(request),
        organization=require_organization(caller),
        name=read_name(body.name),
        lifetime=dt.timedelta(seconds=seconds) if seconds is not None else None,
    )
    return CreatedAdminKey.of_secret(issued.key, issued.secret)


@api_route(
    "GET",
    "Get an admin API key",
    tag=TAG,
    credentials=MANAGERS,
    permission=Permission.ADMIN_KEYS_SEE,
    errors=(404,),
)
def retrieve(request: HttpRequest, caller: Caller, reference: str) -> AdminKeyObject:
    """Returns a key that was not revoked, without its secret."""
    return AdminKeyObject.of_key(find_admin_key(caller, reference))


@api_route(
    "DELETE",
    "Revoke an admin API key",
    tag=TAG,
    credentials=MANAGERS,
    permission=Permission.ADMIN_KEYS_MANAGE,
    errors=(404, 409),
)
def delete(
    request: HttpRequest, caller: Caller, reference: str, query: RevocationParameters
) -> DeletedAdminKey:
    """Revokes a key for good, from the next request on. A key can revoke itself.

    What was created with it keeps working unless it is revoked, too."""
    revoke_admin_key(
        actor=caller.actor(request),
        organization=require_organization(caller),
        key=find_admin_key(caller, reference),
        with_created=query.revoke_created,
        with_api_keys=query.revoke_api_keys,
    )
    return DeletedAdminKey(reference)


def find_admin_key(caller: Caller, reference: str) -> AdminKey:
    """Returns an unrevoked key of the caller's organization. Raises Http404 if there is none."""
    keys = require_organization(caller).admin_keys.with_people().unrevoked()
    key: AdminKey | None = keys.filter(public_id=reference).first()
    if key is None:
        raise Http404
    return key


collection = join_routes(list_admin_keys, create)
item = join_routes(retrieve, delete)
