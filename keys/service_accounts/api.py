"""The management API of service accounts. Source: OpenAI's Administration API; tokens are ours."""

import datetime as dt

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone

from accounts.permissions import Permission
from accounts.web.api.callers import Caller
from accounts.web.api.listing import ListParameters, ObjectList, list_objects
from accounts.web.api.names import read_name
from accounts.web.api.routes import join_routes
from keys.service_accounts.payloads import (
    AccountRemovalParameters,
    CreatedAccountKey,
    CreatedServiceAccount,
    DeletedServiceAccount,
    NewAccountKey,
    NewServiceAccount,
    ServiceAccountChanges,
    ServiceAccountObject,
)
from keys.service_accounts.services import create_account_key, remove_account_with_created
from projects.access import ProjectAccess
from projects.api.access import project_route
from projects.models import ServiceAccountRole
from projects.service_accounts.payloads import ROLES
from projects.service_accounts.rights import find_account, find_managed_account
from projects.service_accounts.services import (
    create_service_account,
    update_service_account,
)

TAG = "Service accounts"
SEE, MANAGE = Permission.SERVICE_ACCOUNTS_SEE, Permission.SERVICE_ACCOUNTS_MANAGE
NO_KEY = "expires_in_seconds is for the API key, which create_service_account_only leaves out."


@project_route("GET", "List service accounts", tag=TAG, permission=SEE)
def list_service_accounts(
    request: HttpRequest, caller: Caller, access: ProjectAccess, query: ListParameters
) -> ObjectList[ServiceAccountObject]:
    """Lists the service accounts of a project. `after` also accepts the id of a deleted one."""
    accounts = access.project.service_accounts.all()
    return list_objects(accounts.current(), query, ServiceAccountObject.of_account, lookup=accounts)


@project_route(
    "POST",
    "Create a service account",
    tag=TAG,
    permission=MANAGE,
    errors=(409,),
    fields={"expires": "expires_in_seconds"},
)
@transaction.atomic
def create(
    request: HttpRequest, caller: Caller, access: ProjectAccess, body: NewServiceAccount
) -> CreatedServiceAccount:
    """Also creates its first API key, whose secret is only in this response.

    One that an external collaborator creates counts as external forever: it reads no usage.
    """
    role, actor, name = choose_role(body), caller.actor(request), read_name(body.name)
    account = create_service_account(actor=actor, project=access.project, name=name, role=role)
    issued = None
    if not body.create_service_account_only:
        expires_at = read_end(body.expires_in_seconds)
        issued = create_account_key(actor=actor, account=account, name=name, expires_at=expires_at)
    return CreatedServiceAccount.of_account_and_key(account, issued)


def choose_role(body: NewServiceAccount) -> ServiceAccountRole:
    """Returns the role to create it with. Raises ValidationError if no key is created but is to expire."""
    if body.create_service_account_only and body.expires_in_seconds is not None:
        raise ValidationError({"expires": NO_KEY})
    if body.role:
        return ROLES[body.role]
    only = body.create_service_account_only
    return ServiceAccountRole.NONE if only else ServiceAccountRole.MEMBER


def read_end(seconds: int | None) -> dt.datetime | None:
    """Returns when a key expires after so many seconds from now; None for never."""
    return None if seconds is None else timezone.now() + dt.timedelta(seconds=seconds)


@project_route("GET", "Get a service account", tag=TAG, permission=SEE)
def retrieve(
    request: HttpRequest, caller: Caller, access: ProjectAccess, reference: str
) -> ServiceAccountObject:
    """Returns a service account of a project."""
    return ServiceAccountObject.of_account(find_account(access, reference))


@project_route("POST", "Update a service account", tag=TAG, permission=MANAGE, errors=(409,))
def update(
    request: HttpRequest,
    caller: Caller,
    access: ProjectAccess,
    body: ServiceAccountChanges,
    reference: str,
) -> ServiceAccountObject:
    """Changes its name or role. A role above the caller's own is refused with 403."""
    account = update_service_account(
        actor=caller.actor(request),
        account=find_managed_account(access, reference),
        name=None if body.name is None else read_name(body.name),
        role=ROLES[body.role] if body.role else None,
    )
    return ServiceAccountObject.of_account(account)


@project_route("DELETE", "Delete a service account", tag=TAG, permission=MANAGE)
def delete(
    request: HttpRequest,
    caller: Caller,
    access: ProjectAccess,
    reference: str,
    query: AccountRemovalParameters,
) -> DeletedServiceAccount:
    """Revokes its API keys and tokens for good, from the next request on."""
    account = find_managed_account(access, reference)
    remove_account_with_created(
        actor=caller.actor(request),
        account=account,
        with_created=query.revoke_created,
        with_api_keys=query.revoke_api_keys,
    )
    return DeletedServiceAccount(account.public_id)


@project_route(
    "POST",
    "Create an API key of a service account",
    tag=TAG,
    permission=MANAGE,
    errors=(409,),
    fields={"expires": "expires_in_seconds"},
)
def create_api_key(
    request: HttpRequest,
    caller: Caller,
    access: ProjectAccess,
    body: NewAccountKey,
    reference: str,
) -> CreatedAccountKey:
    """The secret is only in this response. The name must be new among the project's active keys."""
    account = find_managed_account(access, reference)
    issued = create_account_key(
        actor=caller.actor(request),
        account=account,
        name=account.name if body.name is None else read_name(body.name),
        expires_at=read_end(body.expires_in_seconds),
    )
    return CreatedAccountKey.of_key(issued)


collection = join_routes(list_service_accounts, create)
item = join_routes(retrieve, update, delete)
