"""Get the owner of a credential, and which projects it opens: what the official client asks first."""

import msgspec
from django.core.exceptions import BadRequest, ValidationError
from django.http import HttpRequest

from accounts.web.api.callers import Credential
from accounts.web.api.errors import refuse_access, refuse_value
from accounts.web.api.routes import api_route
from accounts.web.pagination import Order, decode_position, encode_position
from keys.callers import CALLERS, CredentialCaller
from keys.payloads import (
    AdminKeyIdentity,
    AdminKeyReference,
    CredentialOwner,
    FlatKeyOwner,
    KeyOwner,
    KeyReference,
    ListedProject,
    LoginOwner,
    OrganizationReference,
    OrganizationTokenOwner,
    ProjectList,
    ProjectParameters,
    ProjectReference,
    ProjectTokenOwner,
    ServiceAccountReference,
    UserReference,
)
from projects.models.project import ProjectQuerySet

BY_NAME = Order("name")
KEYS_ONLY = "This endpoint is for API keys. With an access token, use GET /v3/whoami."


@api_route(
    "GET",
    "Get the owner of a credential",
    tag="Identity",
    credentials=CALLERS,
    returns="The owner of the credential.",
)
def whoami(request: HttpRequest, caller: CredentialCaller) -> CredentialOwner:
    """`type` is the kind of credential. The other members identify its owner."""
    if owner := describe_project_credential(caller):
        return owner
    if caller.organization and caller.credential == Credential.ADMIN_KEY:
        return AdminKeyIdentity(
            AdminKeyReference(caller.principal.credential if caller.principal else ""),
            OrganizationReference.of_organization(caller.organization),
        )
    assert caller.user is not None
    user = UserReference.of_user(caller.user)
    if caller.organization is None:
        return LoginOwner(user)
    organization = OrganizationReference.of_organization(caller.organization)
    if caller.project is None:
        return OrganizationTokenOwner(user, organization)
    return ProjectTokenOwner(user, organization, ProjectReference.of_project(caller.project))


def describe_project_credential(caller: CredentialCaller) -> KeyOwner | None:
    """Returns the owner of an API key or of a service account's token; None for other credentials."""
    account = caller.key.service_account if caller.key else caller.service_account
    if caller.key:
        reference = caller.key.public_id
    elif caller.service_account and caller.principal:
        reference = caller.principal.credential
    else:
        return None
    assert caller.organization is not None  # both belong to a project
    assert caller.project is not None
    return KeyOwner(
        KeyReference(reference),
        OrganizationReference.of_organization(caller.organization),
        ProjectReference.of_project(caller.project),
        ServiceAccountReference.of_account(account) if account else msgspec.UNSET,
    )


@api_route(
    "GET",
    "Get the owner of an API key, for older clients",
    tag="Identity",
    credentials=CALLERS,
    errors=(403,),
)
def whoami_flat(request: HttpRequest, caller: CredentialCaller) -> FlatKeyOwner:
    """Only for API keys. Access tokens are refused with 403."""
    key, organization, project = caller.key, caller.organization, caller.project
    if not (key and organization and project):
        raise refuse_access(KEYS_ONLY)
    return FlatKeyOwner(
        key.public_id,
        organization.public_id,
        organization.name,
        project.public_id,
        project.name,
        project.slug,
    )


@api_route("GET", "List projects", tag="Projects", credentials=CALLERS)
def projects(
    request: HttpRequest, caller: CredentialCaller, query: ProjectParameters
) -> ProjectList:
    """An API key or project token lists its own project, a login all projects that its user can use."""
    following = find_following(caller.projects().select_related("organization"), query.after)
    rows = list(BY_NAME.apply(following)[: query.limit + 1])
    page = rows[: query.limit]
    next_cursor = encode_position(page[-1], BY_NAME) if len(rows) > query.limit else None
    return ProjectList("list", [ListedProject.of_project(row) for row in page], next_cursor)


def find_following(projects: ProjectQuerySet, after: str | None) -> ProjectQuerySet:
    """Returns the projects after a cursor. Raises Refused with 400 if it is not one of this list."""
    if after is None:
        return projects
    try:
        return projects.filter(BY_NAME.after(decode_position(after)))
    except (BadRequest, ValidationError) as error:
        expected = "after must be the next_cursor of the previous page."
        raise refuse_value(expected, "after", status=400) from error
