"""The management API of an organization itself, which OpenAI's does not have."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from msgspec import UNSET

from accounts.actors import Actor
from accounts.models import Organization
from accounts.organizations.services.organizations import change_organization
from accounts.permissions import Permission
from accounts.web.api.callers import MANAGERS, Caller, require_organization
from accounts.web.api.errors import Refused, api_error
from accounts.web.api.names import read_name
from accounts.web.api.routes import api_route, join_routes
from keys.models import KeyPolicy
from keys.organization.payloads import KeyPolicyChange, OrganizationChange, OrganizationObject
from keys.policy.services.policy import WOULD_REVOKE, change_policy
from keys.terminals.services.sessions import switch_terminal_login

TAG = "Organization"


@api_route(
    "GET",
    "Get the organization",
    tag=TAG,
    credentials=MANAGERS,
    permission=Permission.ORGANIZATION_SETTINGS_READ,
)
def retrieve(request: HttpRequest, caller: Caller) -> OrganizationObject:
    """Returns the organization of the credential, with its limits and rules."""
    return OrganizationObject.of_organization(require_organization(caller))


@api_route(
    "POST",
    "Change the organization",
    tag=TAG,
    credentials=MANAGERS,
    permission=Permission.ORGANIZATION_SETTINGS_CHANGE,
    errors=(409,),
)
def update(request: HttpRequest, caller: Caller, body: OrganizationChange) -> OrganizationObject:
    """Changes what the body names: all of it, or nothing. Support changes the limits."""
    organization, actor = require_organization(caller), caller.actor(request)
    with transaction.atomic():
        if body.name is not UNSET:
            name = read_name(body.name)
            change_organization(actor=actor, organization=organization, name=name)
        if body.key_policy is not UNSET:
            apply_key_policy(actor, organization, body.key_policy)
        if body.terminal_login is not UNSET:
            allowed = body.terminal_login
            switch_terminal_login(actor=actor, organization=organization, allowed=allowed)
    organization.refresh_from_db()
    return OrganizationObject.of_organization(organization)


def apply_key_policy(actor: Actor, organization: Organization, change: KeyPolicyChange) -> None:
    """Changes the rules. Raises Refused with 409 if more keys would be revoked than the body allows."""
    locked = Organization.objects.lock(organization.pk)
    try:
        change_policy(
            actor=actor,
            organization=organization,
            **change.merge(KeyPolicy.of(locked)),
            revoking=change.revoking,
        )
    except ValidationError as error:
        raise refuse_revoking(error) from error


def refuse_revoking(error: ValidationError) -> Refused | ValidationError:
    """Returns the refusal of a rule that would revoke more keys than confirmed, else the error itself."""
    errors = error.error_dict.get("unused_days", []) if hasattr(error, "error_dict") else []
    for reason in errors:
        if reason.code == WOULD_REVOKE:
            number = (reason.params or {})["number"]
            message = f"This would revoke active keys. To confirm, send revoking: {number}."
            return Refused(
                api_error(409, message, param="key_policy.unused_days", code=WOULD_REVOKE)
            )
    return error


organization = join_routes(retrieve, update)
