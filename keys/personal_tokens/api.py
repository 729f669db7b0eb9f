"""The management API of people's access tokens for an organization, which OpenAI's does not have."""

from django.http import Http404, HttpRequest

from accounts.permissions import Permission
from accounts.web.api.callers import MANAGERS, Caller, require_organization
from accounts.web.api.listing import ListParameters, ObjectList, list_objects
from accounts.web.api.routes import api_route, join_routes
from keys.admin_keys.payloads import RevocationParameters
from keys.models import PersonalToken
from keys.personal_tokens.lists import find_live_tokens
from keys.personal_tokens.payloads import AccessTokenObject, DeletedAccessToken
from keys.personal_tokens.services import revoke_members_token

TAG = "Access tokens"


@api_route(
    "GET",
    "List access tokens",
    tag=TAG,
    credentials=MANAGERS,
    permission=Permission.ORGANIZATION_TOKENS_SEE,
)
def list_tokens(
    request: HttpRequest, caller: Caller, query: ListParameters
) -> ObjectList[AccessTokenObject]:
    """Lists people's tokens for the organization and its projects that are neither revoked nor expired."""
    organization = require_organization(caller)
    tokens = find_live_tokens(organization).in_full()
    lookup = organization.personal_tokens.all()
    return list_objects(tokens, query, AccessTokenObject.of_token, lookup=lookup)


@api_route(
    "GET",
    "Get an access token",
    tag=TAG,
    credentials=MANAGERS,
    permission=Permission.ORGANIZATION_TOKENS_SEE,
    errors=(404,),
)
def retrieve(request: HttpRequest, caller: Caller, reference: str) -> AccessTokenObject:
    """Returns a token that works, without its secret."""
    return AccessTokenObject.of_token(find_token(caller, reference))


@api_route(
    "DELETE",
    "Revoke an access token",
    tag=TAG,
    credentials=MANAGERS,
    permission=Permission.ORGANIZATION_TOKENS_REVOKE,
    errors=(404, 409),
)
def delete(
    request: HttpRequest, caller: Caller, reference: str, query: RevocationParameters
) -> DeletedAccessToken:
    """Revokes anyone's token for good and notifies its owner. People create their tokens on a page.

    What was created with it keeps working unless it is revoked, too."""
    revoke_members_token(
        actor=caller.actor(request),
        organization=require_organization(caller),
        token=find_token(caller, reference),
        with_created=query.revoke_created,
        with_api_keys=query.revoke_api_keys,
    )
    return DeletedAccessToken(reference)


def find_token(caller: Caller, reference: str) -> PersonalToken:
    """Returns a live token for the organization or its projects. Raises Http404 if there is none."""
    tokens = find_live_tokens(require_organization(caller)).in_full()
    token: PersonalToken | None = tokens.filter(public_id=reference).first()
    if token is None:
        raise Http404
    return token


item = join_routes(retrieve, delete)
