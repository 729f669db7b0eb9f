"""Changes several members at once, each like the single action. A refusal does not affect the others."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404

from accounts.access.organization import OrganizationAccess, lock_organization
from accounts.actors import Actor
from accounts.errors import Conflict
from accounts.members.departure import ALL_KEYS
from accounts.members.services import change_member_role, may_change, remove_member
from accounts.models import Membership, Organization, User
from accounts.permissions import OrganizationRole, Permission, ProjectRole

IS_YOU = "You can't change yourself together with others."
DENIED = "Your role does not allow it."
GONE = "They were removed in the meantime."
IS_OWNER = "They are the Owner. Transfer the ownership first."


@dataclass(frozen=True, slots=True)
class PersonResult:
    """The result for one person; without a `refusal` they were changed."""

    name: str
    refusal: str = ""


def apply_to_each(people: Iterable[tuple[User, Callable[[], object]]]) -> list[PersonResult]:
    """Calls the action of each person; one that is refused does not affect the others.

    Raises Conflict with the reasons if all of them are refused.
    """
    results = [PersonResult(user.name, find_refusal(action)) for user, action in people]
    if all(result.refusal for result in results):
        raise Conflict([f"{result.name}: {result.refusal}" for result in results])
    return results


def find_refusal(action: Callable[[], object]) -> str:
    """Returns why the action was refused; empty if it was not."""
    try:
        with transaction.atomic():
            action()
    except Http404:
        return GONE
    except PermissionDenied:
        return DENIED
    except ValidationError as error:
        return " ".join(error.messages)
    return ""


def explain_refusal(access: OrganizationAccess, membership: Membership) -> str:
    """Returns why the member can't be changed together with others; empty if they can."""
    if access.principal.is_user(membership.user_id):
        return IS_YOU
    if membership.is_owner:
        return IS_OWNER
    return "" if may_change(access, membership) else DENIED


def count_active_keys(organization: Organization, users: Sequence[User]) -> int:
    """Returns the number of active API keys of the organization that these users created."""
    key: Any = User._meta.get_field("created_keys").related_model
    active = key.objects.listed().active().in_organization(organization)
    return int(active.filter(created_by__in=users).count())


def require_changeable(access: OrganizationAccess, membership: Membership) -> Membership:
    """Returns the current row. Raises Http404 if it was deleted, Conflict if it can't be changed."""
    current = access.organization.memberships.with_users().filter(pk=membership.pk).first()
    if current is None:
        raise Http404
    if refusal := explain_refusal(access, current):
        raise Conflict(refusal)
    return current


def require_other_role(row: Any, role: OrganizationRole | ProjectRole) -> None:
    """Raises Conflict if the row of a member or collaborator has the role already."""
    if row.role == role:
        raise Conflict(f"Their role is already {role.label}.")


@transaction.atomic
def change_roles_of_members(
    *,
    actor: Actor,
    organization: Organization,
    memberships: Sequence[Membership],
    role: OrganizationRole,
    revoke_admin_keys: bool = False,
) -> list[PersonResult]:
    """Gives each member the role as `change_member_role` does. Raises Conflict if none can be changed."""
    access = lock_organization(actor.principal, organization, Permission.MEMBERS_MANAGE)

    def change(membership: Membership) -> None:
        current = require_changeable(access, membership)
        require_other_role(current, role)
        change_member_role(
            actor=actor, membership=current, role=role, revoke_admin_keys=revoke_admin_keys
        )

    return apply_to_each((row.user, partial(change, row)) for row in memberships)


@transaction.atomic
def remove_several_members(
    *,
    actor: Actor,
    organization: Organization,
    memberships: Sequence[Membership],
    revoke_keys: bool = False,
) -> list[PersonResult]:
    """Removes each member as `remove_member` does. Raises Conflict if none can be removed.

    With `revoke_keys`, also revokes the active API keys they created in the organization.
    """
    access = lock_organization(actor.principal, organization, Permission.MEMBERS_MANAGE)
    revoke = [ALL_KEYS] if revoke_keys else []

    def remove(membership: Membership) -> None:
        current = require_changeable(access, membership)
        remove_member(actor=actor, membership=current, revoke=revoke)

    return apply_to_each((row.user, partial(remove, row)) for row in memberships)
