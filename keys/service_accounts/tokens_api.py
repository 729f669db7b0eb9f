"""The management API of the tokens of service accounts."""

import datetime as dt

from django.http import Http404, HttpRequest

from accounts.web.api.callers import Caller
from accounts.web.api.listing import ListParameters, ObjectList, list_objects
from accounts.web.api.names import read_name
from accounts.web.api.routes import join_routes
from keys.admin_keys.payloads import RevocationParameters
from keys.models import AccountToken
from keys.service_accounts.api import MANAGE, SEE, TAG
from keys.service_accounts.payloads import (
    AccountTokenObject,
    CreatedAccountToken,
    DeletedAccountToken,
    NewAccountToken,
)
from keys.service_accounts.services import create_account_token, revoke_account_token
from projects.access import ProjectAccess
from projects.api.access import project_route
from projects.service_accounts.rights import find_account, find_managed_account


@project_route("GET", "List tokens of a service account", tag=TAG, permission=SEE)
def list_tokens(
    request: HttpRequest,
    caller: Caller,
    access: ProjectAccess,
    query: ListParameters,
    reference: str,
) -> ObjectList[AccountTokenObject]:
    """Lists the tokens that are not revoked. `after` also accepts the id of a revoked one."""
    tokens = find_account(access, reference).tokens.all()
    return list_objects(tokens.unrevoked(), query, AccountTokenObject.of_token, lookup=tokens)


@project_route(
    "POST",
    "Create a token of a service account",
    tag=TAG,
    permission=MANAGE,
    errors=(409,),
    fields={"lifetime": "expires_in_seconds"},
)
def create(
    request: HttpRequest,
    caller: Caller,
    access: ProjectAccess,
    body: NewAccountToken,
    reference: str,
) -> CreatedAccountToken:
    """A program with the token acts as the service account in its project.

    The token expires no later than the credential that creates it. The secret is only in this response.
    """
    seconds = body.expires_in_seconds
    issued = create_account_token(
        actor=caller.actor(request),
        account=find_managed_account(access, reference),
        name=read_name(body.name),
        lifetime=dt.timedelta(seconds=seconds) if seconds is not None else None,
    )
    return CreatedAccountToken.of_secret(issued.token, issued.secret)


@project_route("DELETE", "Revoke a token of a service account", tag=TAG, permission=MANAGE)
def delete(
    request: HttpRequest,
    caller: Caller,
    access: ProjectAccess,
    reference: str,
    token: str,
    *,
    query: RevocationParameters,
) -> DeletedAccountToken:
    """Revokes a token for good, from the next request on. A token can revoke itself.

    What was created with it keeps working unless it is revoked, too."""
    tokens = find_managed_account(access, reference).tokens.in_full().unrevoked()
    target: AccountToken | None = tokens.filter(public_id=token).first()
    if target is None:
        raise Http404
    revoke_account_token(
        actor=caller.actor(request),
        token=target,
        with_created=query.revoke_created,
        with_api_keys=query.revoke_api_keys,
    )
    return DeletedAccountToken(target.public_id)


collection = join_routes(list_tokens, create)
