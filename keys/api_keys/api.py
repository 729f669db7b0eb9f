"""The management API of a project's API keys. Source: OpenAI's Administration API."""

import datetime as dt

from django.http import Http404, HttpRequest
from django.utils import timezone

from accounts.permissions import Permission
from accounts.web.api.callers import Caller
from accounts.web.api.listing import ObjectList, list_objects
from accounts.web.api.names import read_name
from accounts.web.api.routes import join_routes
from keys.api_keys.payloads import (
    ApiKeyChanges,
    ApiKeyListParameters,
    ApiKeyObject,
    CreatedApiKey,
    DeletedApiKey,
    NewApiKey,
    Rotation,
)
from keys.api_keys.services import (
    IssuedKey,
    cancel_expiration,
    create_key,
    finish_rotation,
    revoke_key,
    rotate_key,
    undo_rotation,
)
from keys.api_keys.update_services import update_key
from keys.models import ApiKey
from keys.models.api_key import ApiKeyQuerySet
from projects.access import ProjectAccess
from projects.api.access import project_route
from projects.tags.periods import with_tags

TAG = "API keys"
SEE, MANAGE = Permission.API_KEYS_SEE, Permission.API_KEYS_MANAGE


@project_route("GET", "List API keys", tag=TAG, permission=SEE)
def list_keys(
    request: HttpRequest, caller: Caller, access: ProjectAccess, query: ApiKeyListParameters
) -> ObjectList[ApiKeyObject]:
    """Lists the keys that are not revoked. The Organization Default Key is never listed."""
    everything = find_keys(access)
    keys = everything.unrevoked()
    if query.owner_project_access != "any":
        keys = keys.with_owner_access(active=query.owner_project_access == "active")
    return list_objects(keys, query, lambda key: describe_key(access, key), lookup=everything)


@project_route(
    "POST",
    "Create an API key",
    tag=TAG,
    permission=MANAGE,
    errors=(409,),
    fields={"expires": "expires_in_seconds"},
)
def create(
    request: HttpRequest, caller: Caller, access: ProjectAccess, body: NewApiKey
) -> CreatedApiKey:
    """The name must be new among the project's unrevoked keys. The secret is only in this response."""
    issued = create_key(
        actor=caller.actor(request),
        project=access.project,
        name=read_name(body.name),
        expires_at=add_seconds(body.expires_in_seconds),
    )
    return describe_secret(access, issued)


@project_route("GET", "Get an API key", tag=TAG, permission=SEE)
def retrieve(
    request: HttpRequest, caller: Caller, access: ProjectAccess, key_id: str
) -> ApiKeyObject:
    """Returns a key that was not revoked, without its secret."""
    return describe_key(access, find_key(access, key_id))


@project_route(
    "POST",
    "Update an API key",
    tag=TAG,
    permission=MANAGE,
    errors=(409,),
    fields={"expires": "expires_in_seconds"},
)
def update(
    request: HttpRequest, caller: Caller, access: ProjectAccess, key_id: str, body: ApiKeyChanges
) -> ApiKeyObject:
    """Renames a key, sets when it expires, counted from this request on, or replaces its own tags."""
    update_key(
        actor=caller.actor(request),
        key=find_key(access, key_id),
        name=None if body.name is None else read_name(body.name),
        expires_at=add_seconds(body.expires_in_seconds),
        tags=body.tags,
    )
    return describe_key(access, find_key(access, key_id))


@project_route("DELETE", "Revoke an API key", tag=TAG, permission=MANAGE, errors=(409,))
def delete(
    request: HttpRequest, caller: Caller, access: ProjectAccess, key_id: str
) -> DeletedApiKey:
    """Revokes a key for good, from the next request on."""
    key = revoke_key(actor=caller.actor(request), key=find_key(access, key_id))
    return DeletedApiKey(key.public_id)


@project_route("POST", "Rotate an API key", tag=TAG, permission=MANAGE, errors=(409,))
def rotate(
    request: HttpRequest, caller: Caller, access: ProjectAccess, key_id: str, body: Rotation
) -> CreatedApiKey:
    """Gives the key a new secret, which is only in this response. The old one works a while longer."""
    overlap = dt.timedelta(seconds=body.overlap_seconds)
    key = find_key(access, key_id)
    issued = rotate_key(actor=caller.actor(request), key=key, overlap=overlap)
    return describe_secret(access, issued)


@project_route(
    "POST", "Cancel the rotation of an API key", tag=TAG, permission=MANAGE, errors=(409,)
)
def cancel_rotation(
    request: HttpRequest, caller: Caller, access: ProjectAccess, key_id: str
) -> ApiKeyObject:
    """Revokes the new secret now and keeps the old one."""
    undo_rotation(actor=caller.actor(request), key=find_key(access, key_id))
    return describe_key(access, find_key(access, key_id))


@project_route(
    "POST", "Finish the rotation of an API key", tag=TAG, permission=MANAGE, errors=(409,)
)
def finish(
    request: HttpRequest, caller: Caller, access: ProjectAccess, key_id: str
) -> ApiKeyObject:
    """Revokes the old secret now, before its time."""
    finish_rotation(actor=caller.actor(request), key=find_key(access, key_id))
    return describe_key(access, find_key(access, key_id))


@project_route(
    "POST", "Cancel the expiration of an API key", tag=TAG, permission=MANAGE, errors=(409,)
)
def cancel_end(
    request: HttpRequest, caller: Caller, access: ProjectAccess, key_id: str
) -> ApiKeyObject:
    """The key then works until it is revoked, if the organization's key policy allows that."""
    cancel_expiration(actor=caller.actor(request), key=find_key(access, key_id))
    return describe_key(access, find_key(access, key_id))


def find_keys(access: ProjectAccess) -> ApiKeyQuerySet:
    """Returns the project's keys with all that is answered about them, revoked ones included."""
    keys: ApiKeyQuerySet = access.project.api_keys.listed()
    return with_tags(keys.with_use().with_owners().prefetch_related("secrets"))


def find_key(access: ProjectAccess, public_id: str) -> ApiKey:
    """Returns an unrevoked key of the project. Raises Http404 if there is none."""
    key = find_keys(access).unrevoked().filter(public_id=public_id).first()
    if key is None:
        raise Http404
    return key


def sees_email(access: ProjectAccess, key: ApiKey) -> bool:
    """Returns whether the reader may see the email address of the person who created the key.

    Externals see those of people who can open the project now.
    """
    has_access = key.owner_role is not None
    return access.may.collaborator_emails_see and (has_access or access.may.externals_manage)


def describe_key(access: ProjectAccess, key: ApiKey) -> ApiKeyObject:
    return ApiKeyObject.of_key(key, emails=sees_email(access, key))


def describe_secret(access: ProjectAccess, issued: IssuedKey) -> CreatedApiKey:
    key = find_key(access, issued.key.public_id)
    return CreatedApiKey.of_key(key, emails=sees_email(access, key), value=issued.secret)


def add_seconds(seconds: int | None) -> dt.datetime | None:
    """Returns the time so many seconds from now."""
    return None if seconds is None else timezone.now() + dt.timedelta(seconds=seconds)


collection = join_routes(list_keys, create)
item = join_routes(retrieve, update, delete)
