"""Who may manage which service account: no one gives one a role above their own."""

from django.core.exceptions import PermissionDenied
from django.http import Http404

from accounts.permissions import (
    EXTERNAL_ROLES,
    PROJECT_ROLE_RANKS,
    RANKS,
    Permission,
    ProjectRole,
    Rank,
)
from projects.access import ProjectAccess
from projects.models import ServiceAccount, ServiceAccountRole


def get_rank(role: str) -> Rank:
    """Returns the rank of a service account's role; one without a role has the lowest."""
    if role == ServiceAccountRole.NONE:
        return Rank.MEMBER
    return PROJECT_ROLE_RANKS[ProjectRole(role)]


def may_give_role(access: ProjectAccess, role: str) -> bool:
    """Returns whether the principal may give a service account that role: not one above its own."""
    may_manage = access.allows(Permission.SERVICE_ACCOUNTS_MANAGE)
    return may_manage and RANKS[access.role] >= get_rank(role)


def may_manage_account(access: ProjectAccess, account: ServiceAccount) -> bool:
    """Returns whether the principal may change the service account, and create keys and tokens for it.

    With a token the principal could act as the account. So an external manages only those that it created
    itself, which count as external too.
    """
    if not may_give_role(access, account.role):
        return False
    if access.role not in EXTERNAL_ROLES:
        return True
    return account.counts_as_external and is_own(access, account)


def may_take_secret(access: ProjectAccess, account: ServiceAccount) -> bool:
    """Returns whether the principal may get secrets of the account's API keys, or let them work longer.

    All who manage API keys may, but an external only where it manages the account: otherwise it would act
    for an account that can do more.
    """
    return access.role not in EXTERNAL_ROLES or may_manage_account(access, account)


def is_own(access: ProjectAccess, account: ServiceAccount) -> bool:
    """Returns whether the principal is the service account or created it."""
    principal, creator = access.principal, account.created_by_account
    if principal.is_user(account.created_by_id):
        return True
    ids = {account.public_id, creator.public_id if creator else ""} - {""}
    return principal.service_account in ids


def find_account(access: ProjectAccess, reference: str) -> ServiceAccount:
    """Returns the project's service account with that id. Raises Http404 for any other id."""
    accounts = access.project.service_accounts.current().with_creators()
    account = accounts.select_related("project").filter(public_id=reference).first()
    if account is None:
        raise Http404
    return account


def find_managed_account(access: ProjectAccess, reference: str) -> ServiceAccount:
    """Returns the account as `find_account` does. Raises PermissionDenied if the caller may not manage it."""
    account = find_account(access, reference)
    if not may_manage_account(access, account):
        raise PermissionDenied
    return account
