"""Locks an API key for an action, and checks again who may take it."""

from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.actors import Actor
from accounts.errors import Conflict, Withheld
from accounts.permissions import Permission
from keys.models import ApiKey, KeyPolicy
from keys.policy.issuing import why_not_issue
from projects.access import ProjectAccess, lock_project
from projects.models import Project
from projects.service_accounts.rights import may_take_secret


def lock_to_issue(actor: Actor, project: Project) -> tuple[ProjectAccess, KeyPolicy]:
    """Locks the project to create a secret. Raises Withheld if the key policy forbids it to the actor."""
    access = lock_project(actor.principal, project, Permission.API_KEYS_MANAGE)
    policy = KeyPolicy.of(access.organization)
    if reason := why_not_issue(access, policy):
        raise Withheld(reason)
    return access, policy


def lock_to_manage(actor: Actor, key: ApiKey) -> tuple[ProjectAccess, ApiKey]:
    """Locks the project and the key for an action that ends something; see `lock_key`."""
    access = lock_project(actor.principal, key.project, Permission.API_KEYS_MANAGE)
    return access, lock_key(access, key)


def lock_key(access: ProjectAccess, key: ApiKey) -> ApiKey:
    """Returns the key, locked. Raises Http404 if the project has no such key, Conflict if it is revoked."""
    keys = access.project.api_keys.listed().select_related("project__organization")
    locked = keys.in_lock_order().filter(pk=key.pk).first()
    if locked is None:
        raise Http404
    if reason := locked.why_final:
        raise Conflict(reason)
    return locked


def lock_to_change(actor: Actor, key: ApiKey) -> tuple[ProjectAccess, ApiKey]:
    """Locks the project and the key for any other action; see `lock_key` and `require_changeable`."""
    access, locked = lock_to_manage(actor, key)
    require_changeable(access, locked)
    return access, locked


def may_change_key(access: ProjectAccess, key: ApiKey) -> bool:
    """Returns whether someone who manages API keys may also rename this one and let it work longer."""
    return key.service_account is None or may_take_secret(access, key.service_account)


def require_changeable(access: ProjectAccess, key: ApiKey) -> None:
    """Raises PermissionDenied if the caller may only end what the key does."""
    if not may_change_key(access, key):
        raise PermissionDenied
