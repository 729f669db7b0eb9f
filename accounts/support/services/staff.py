"""What support staff may do: their roles, and the check in every service of theirs."""

from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.db.models import Q

from accounts.actors import Actor
from accounts.enums import StaffRole
from accounts.errors import Withheld
from accounts.models import Organization, User

OWN_APPS = ("accounts", "projects", "keys", "usage")
CHANGE_ORGANIZATION = "accounts.change_organization"
# No role has it: superusers alone.
MANAGE_STAFF = "accounts.change_user"
# Beside seeing everything, which each role may.
ROLE_PERMISSIONS: dict[StaffRole, Q] = {
    StaffRole.SUPPORT: Q(codename__in=["change_organization", "change_outgoingmail"])
    | Q(codename__in=["add_reattribution", "change_reattribution"]),
    StaffRole.CATALOGUE: Q(content_type__app_label="usage")
    & Q(content_type__model__in=["product", "lineitem", "price", "modelalias"]),
    StaffRole.READ_ONLY: Q(pk__in=[]),
}
OWN_ORGANIZATION = "You belong to {organization}. Ask a colleague to do this."


def get_staff_user(actor: Actor) -> User:
    """Returns the acting staff user, read again. Raises PermissionDenied for everyone else."""
    staff = User.objects.filter(pk=actor.person.pk, is_staff=True, is_active=True).first()
    if staff is None:
        raise PermissionDenied
    return staff


def require_staff(actor: Actor, permission: str, *organizations: Organization) -> None:
    """Raises PermissionDenied unless the actor is support staff with this Django permission.

    Raises Withheld if they belong to one of the organizations, as a member or a collaborator. An
    actor without a user is the operator running a command, who may do everything.
    """
    if actor.user is None:
        return
    staff = get_staff_user(actor)
    if not staff.has_perm(permission):
        raise PermissionDenied
    for organization in organizations:
        if User.objects.belonging_to(organization).filter(pk=staff.pk).exists():
            raise Withheld(OWN_ORGANIZATION.format(organization=organization.name))


def save_staff_roles() -> None:
    """Creates the groups behind the roles, or gives them the permissions that they have now."""
    own = Permission.objects.filter(content_type__app_label__in=OWN_APPS)
    for role, changes in ROLE_PERMISSIONS.items():
        group, _ = Group.objects.get_or_create(name=role.value)
        group.permissions.set(own.filter(changes | Q(codename__startswith="view_")))


def get_staff_role(user: User) -> StaffRole | None:
    """Returns the role of a staff user; None for superusers, who may do everything, and without one."""
    names = {group.name for group in user.groups.all()}
    return next((role for role in StaffRole if role.value in names), None)
