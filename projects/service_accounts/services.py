"""Creates service accounts, renames them, changes their roles and removes them."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.invitations.services import lifecycle as invitations
from accounts.permissions import EXTERNAL_ROLES, Permission
from projects.access import ProjectAccess, lock_project
from projects.models import Project, ServiceAccount, ServiceAccountRole
from projects.service_accounts.rights import may_give_role, may_manage_account

MANAGE = Permission.SERVICE_ACCOUNTS_MANAGE
MAX_ACCOUNTS = 100  # unremoved ones of a project
NAME_TAKEN = "A service account of this project already has this name. Choose another name."
TOO_MANY = (
    f"The project already has {MAX_ACCOUNTS} service accounts. Remove those you no longer need."
)
WHY_REVOKED = "Its service account was removed."


@transaction.atomic
def create_service_account(
    *, actor: Actor, project: Project, name: str, role: str = ServiceAccountRole.MEMBER
) -> ServiceAccount:
    """Creates a service account of the project. One that an external creates counts as external forever.

    Raises PermissionDenied for a role above the actor's own, Conflict if another one has the name, in
    whatever case, or there are too many.
    """
    access = lock_project(actor.principal, project, MANAGE)
    if not may_give_role(access, role):
        raise PermissionDenied
    require_free_name(access.project, name)
    if access.project.service_accounts.current().count() >= MAX_ACCOUNTS:
        raise Conflict(TOO_MANY)
    account = ServiceAccount(project=access.project, name=name, role=role, created_by=actor.user)
    account.created_by_account = find_own_account(actor, access)
    account.created_with = actor.principal.credential_id
    account.counts_as_external = access.role in EXTERNAL_ROLES
    account.save(force_insert=True)
    external = {"external": True} if account.counts_as_external else {}
    after = {"name": name, "role": role, **external}
    account.record_event(actor, Action.SERVICE_ACCOUNT_CREATED, after=after)
    return account


def find_own_account(actor: Actor, access: ProjectAccess) -> ServiceAccount | None:
    """Returns the service account that acts, if one does."""
    public_id = actor.principal.service_account
    return access.project.service_accounts.get(public_id=public_id) if public_id else None


def require_free_name(project: Project, name: str) -> None:
    """Raises Conflict if a service account of the project has the name. The project must be locked."""
    if project.service_accounts.current().named(name).exists():
        raise Conflict({"name": NAME_TAKEN})


def lock_account(actor: Actor, account: ServiceAccount) -> tuple[ProjectAccess, ServiceAccount]:
    """Locks the project and returns the actor's access with the account as it is now.

    Raises Http404 if it was removed, PermissionDenied if the actor may not manage it.
    """
    access = lock_project(actor.principal, account.project, MANAGE)
    accounts = access.project.service_accounts.current().with_creators()
    locked = accounts.select_related("project__organization").filter(pk=account.pk).first()
    if locked is None:
        raise Http404
    if not may_manage_account(access, locked):
        raise PermissionDenied
    return access, locked


@transaction.atomic
def update_service_account(
    *, actor: Actor, account: ServiceAccount, name: str | None = None, role: str | None = None
) -> ServiceAccount:
    """Changes the name and the role, unless they are None, and returns the account.

    Raises Conflict if another account has the name, PermissionDenied for a role above the actor's own.
    """
    access, locked = lock_account(actor, account)
    if name is not None and name != locked.name:
        rename(actor, locked, name)
    if role is not None and role != locked.role:
        if not may_give_role(access, role):
            raise PermissionDenied
        change_role(actor, locked, role)
    return locked


def rename(actor: Actor, account: ServiceAccount, name: str) -> None:
    others = account.project.service_accounts.current().exclude(pk=account.pk)
    if others.named(name).exists():
        raise Conflict({"name": NAME_TAKEN})
    before, account.name = account.name, name
    account.save(update_fields=["name"])
    account.record_event(
        actor, Action.SERVICE_ACCOUNT_RENAMED, before={"name": before}, after={"name": name}
    )


def change_role(actor: Actor, account: ServiceAccount, role: str) -> None:
    before, account.role = account.role, role
    account.save(update_fields=["role"])
    account.record_event(
        actor, Action.SERVICE_ACCOUNT_ROLE_CHANGED, before={"role": before}, after={"role": role}
    )


@transaction.atomic
def remove_service_account(*, actor: Actor, account: ServiceAccount) -> int:
    """Removes the account for good, with its API keys and tokens, from the next request on.

    Pending invitations that it sent are withdrawn. Returns the number of its API keys that were active.
    """
    access, locked = lock_account(actor, account)
    revoked = locked.api_keys.active().revoke(actor, reason=WHY_REVOKED)
    locked.api_keys.revoke(actor, reason=WHY_REVOKED)
    locked.record_event(
        actor, Action.SERVICE_ACCOUNT_REMOVED, before={"name": locked.name, "role": locked.role}
    )
    locked.tokens.revoke_all(actor)
    for invitation in access.organization.invitations.sent_by_program(locked.public_id):
        invitations.withdraw(invitation, actor)
    locked.removed_at = timezone.now()
    locked.save(update_fields=["removed_at"])
    return len(revoked)
