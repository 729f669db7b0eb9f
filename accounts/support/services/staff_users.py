"""Adds support staff, and changes or ends what they may do."""

from django.contrib.auth.models import Group
from django.db import transaction

from accounts.access.endings import end_sign_ins
from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action, StaffRole
from accounts.errors import Conflict
from accounts.models import User, ViewAs
from accounts.outbox import queue_mail
from accounts.support.services.staff import MANAGE_STAFF, get_staff_role, require_staff
from accounts.support.services.viewing import end_view

NOT_ONESELF = "You can't change your own role. Ask another superuser."
HAS_ACCOUNT = "There is already an account with this email address. Use another one."
STARTED_VIEW = "They have just started a view as a member. Try again."


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
    """Gives a staff user another role, which ends their view as a member; None ends their access.

    Raises Conflict for oneself, and if they start a view at the same moment.
    """
    require_staff(actor, MANAGE_STAFF)
    if actor.user == user:
        raise Conflict(NOT_ONESELF)
    for view in ViewAs.objects.unended().filter(staff=user):
        end_view(actor=actor, view=view)
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk, is_staff=True)
    if locked.views_as.unended().exists():
        raise Conflict(STARTED_VIEW)
    before = describe_role(locked)
    locked.groups.set(Group.objects.filter(name=role.value if role else ""))
    locked.is_active, locked.is_superuser = role is not None, False
    locked.save(update_fields=["is_active", "is_superuser"])
    if role is None:
        end_sign_ins(locked)
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
