"""Who support staff are and what each may do: their roles, and the check in every service of theirs."""

from django.contrib.auth.models import Group, Permission
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action, StaffRole
from accounts.errors import Conflict, Withheld
from accounts.models import Organization, User
from accounts.outbox import queue_mail

OWN_APPS = ("accounts", "projects", "keys", "usage")
CHANGE_ORGANIZATION = "accounts.change_organization"
# No role has it: superusers alone.
MANAGE_STAFF = "accounts.change_user"
# Beside seeing everything, which each role may.
ROLE_PERMISSIONS: dict[StaffRole, Q] = {
    StaffRole.SUPPORT: Q(codename="change_organization")
    | Q(codename__in=["add_reattribution", "change_reattribution"]),
    StaffRole.CATALOGUE: Q(content_type__app_label="usage")
    & Q(content_type__model__in=["product", "lineitem", "price"]),
    StaffRole.READ_ONLY: Q(pk__in=[]),
}
OWN_ORGANIZATION = "You belong to {organization}. Ask a colleague to do this."
NOT_ONESELF = "You can't change your own role. Ask another superuser."
HAS_ACCOUNT = "There is already an account with this email address. Use another one."


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
    belongs = Q(memberships__user=staff) | Q(projects__collaborators__user=staff)
    pks = [organization.pk for organization in organizations]
    if own := Organization.objects.filter(belongs, pk__in=pks).first():
        raise Withheld(OWN_ORGANIZATION.format(organization=own.name))


def save_staff_roles() -> None:
    """Creates the groups behind the roles, or gives them the permissions that they have now."""
    own = Permission.objects.filter(content_type__app_label__in=OWN_APPS)
    for role, changes in ROLE_PERMISSIONS.items():
        group, _ = Group.objects.get_or_create(name=role.value)
        group.permissions.set(own.filter(changes | Q(codename__startswith="view_")))


def get_staff_role(user: User) -> StaffRole | None:
    """Returns the role of a staff user; None for superusers, who may do everything, and without one."""
    names = set(user.groups.values_list("name", flat=True))
    return next((role for role in StaffRole if role.value in names), None)


@transaction.atomic
def add_staff_user(*, actor: Actor, email: str, name: str, role: StaffRole) -> User:
    """Creates an account in Django admin; they choose their password by the mailed instructions.

    Raises Conflict if the email address has an account.
    """
    require_staff(actor, MANAGE_STAFF)
    if User.objects.filter(email=email).exists():
        raise Conflict({"email": HAS_ACCOUNT})
    user = User.objects.create_user(email, None, name=name, is_staff=True)
    user.emailaddress_set.create(email=user.email, verified=True, primary=True)
    user.groups.set(Group.objects.filter(name=role.value))
    record(actor, Action.STAFF_ADDED, organization=None, target=user, after={"role": role.value})
    queue_mail(
        user.email,
        "Your access to Console support",
        "accounts/mail/staff_added.txt",
        user=user,
        role=role,
    )
    return user


@transaction.atomic
def change_staff_role(*, actor: Actor, user: User, role: StaffRole | None) -> None:
    """Gives a staff user another role; None ends their access. Raises Conflict for oneself."""
    require_staff(actor, MANAGE_STAFF)
    if actor.user == user:
        raise Conflict(NOT_ONESELF)
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk, is_staff=True)
    before = describe_role(locked)
    locked.groups.set(Group.objects.filter(name=role.value if role else ""))
    locked.is_active, locked.is_superuser = role is not None, False
    locked.save(update_fields=["is_active", "is_superuser"])
    record(
        actor,
        Action.STAFF_ROLE_CHANGED,
        organization=None,
        target=locked,
        before={"role": before},
        after={"role": describe_role(locked)},
    )


def describe_role(user: User) -> str:
    """Returns what a staff user may do, in one or two words."""
    if not user.is_active:
        return "No access"
    if user.is_superuser:
        return "Superuser"
    return get_staff_role(user) or "No role"
