"""Changes roles of members, removes members, and lets them leave."""

from collections.abc import Collection, Sequence
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404

from accounts.access.endings import delete_membership, end_lost_access
from accounts.access.organization import OrganizationAccess, lock_organization, lock_person
from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action, InvitationState, Notification
from accounts.errors import Conflict
from accounts.models import Membership, Organization, User
from accounts.organizations.services.homes import ensure_home
from accounts.organizations.services.offers import end_offers
from accounts.outbox import notify_of_action
from accounts.permissions import (
    MEMBER_ROLES,
    OrganizationRole,
    Permission,
    allows,
    may_grant_organization_role,
    may_leave_organization,
    may_manage_member,
)

HAND_OVER_FIRST = (
    "An organization always needs an Owner. Transfer the ownership to another member first; "
    "once they accept, you can leave."
)
WHY_REVOKED = "Its creator was removed from the organization."


def may_change(access: OrganizationAccess, membership: Membership) -> bool:
    """Returns whether the caller may remove this member or change their role now."""
    manages = access.allows(Permission.MEMBERS_MANAGE)
    return manages and may_manage_member(access.role, MEMBER_ROLES[membership.role])


def lock_member(access: OrganizationAccess, membership: Membership) -> Membership:
    """Returns the current membership. Raises Http404 if it is gone, PermissionDenied without permission."""
    target = access.organization.memberships.with_users().filter(pk=membership.pk).first()
    if target is None:
        raise Http404
    if not may_change(access, target):
        raise PermissionDenied
    return target


def list_admin_keys(organization: Organization, users: Sequence[User]) -> list[Any]:
    """Returns the admin API keys that these people created, directly or indirectly, and that work.

    They keep working if their creator becomes a Member.
    """
    keys: Any = organization.admin_keys
    return list(keys.list_created_by(users))


@transaction.atomic
def change_member_role(
    *,
    actor: Actor,
    membership: Membership,
    role: OrganizationRole,
    revoke_admin_keys: bool = False,
) -> Membership:
    """Changes a member's role to Admin or Member and notifies them.

    With `revoke_admin_keys`, revokes those of `list_admin_keys` if they become a Member.
    """
    access = lock_organization(actor.principal, membership.organization, Permission.MEMBERS_MANAGE)
    target = lock_member(access, membership)
    if not may_grant_organization_role(access.role, role):
        raise PermissionDenied
    before = target.role
    if before == role:
        return target
    target.role = role
    target.save(update_fields=["role"])
    ended = end_lost_access(actor=actor, user=target.user, organization=access.organization)
    if revoke_admin_keys and not allows(MEMBER_ROLES[role], Permission.ADMIN_KEYS_MANAGE):
        for key in list_admin_keys(access.organization, [target.user]):
            key.revoke(actor)
    record(
        actor,
        Action.MEMBER_ROLE_CHANGED,
        organization=access.organization,
        target=target.user,
        before={"role": before},
        after={"role": role},
    )
    notify_of_new_role(actor, target, revoked=ended)
    return target


def notify_of_new_role(actor: Actor, membership: Membership, *, revoked: int) -> None:
    """Notifies a member of their new role; `revoked` is the number of their tokens that ended."""
    notify_of_action(
        actor,
        membership.user,
        f"Your role in {membership.organization.name} changed",
        "accounts/mail/member_role_changed.txt",
        kind=Notification.ROLE_CHANGED,
        organization=membership.organization,
        role=OrganizationRole(membership.role).label,
        revoked=revoked,
    )


@transaction.atomic
def remove_member(*, actor: Actor, membership: Membership, revoke: Collection[str] = ()) -> int:
    """Removes a member from the organization and its projects and notifies them.

    API keys they created keep working, except those whose public ids are in `revoke` (`ALL_KEYS`: all).
    Returns how many were revoked. Raises ValidationError at `revoke` if an id is not that of a key they
    created in the organization.
    """
    access = lock_organization(actor.principal, membership.organization, Permission.MEMBERS_MANAGE)
    target = lock_member(access, membership)
    revoked = end_membership(actor, Action.MEMBER_REMOVED, target, revoke)
    notify_of_action(
        actor,
        target.user,
        f"You are no longer a member of {access.organization.name}",
        "accounts/mail/member_removed.txt",
        organization=access.organization,
        revoked=revoked,
    )
    return revoked


@transaction.atomic
def leave_organization(*, actor: Actor, organization: Organization) -> None:
    """Removes the actor from the organization. Raises Conflict for the Owner, Http404 for externals."""
    access = lock_organization(actor.principal, organization, Permission.ORGANIZATION_LEAVE)
    if not may_leave_organization(access.role):
        raise Conflict(HAND_OVER_FIRST)
    membership = access.organization.memberships.with_users().get(user=actor.person)
    end_membership(actor, Action.MEMBER_LEFT, membership)


def end_membership(
    actor: Actor, action: Action, membership: Membership, revoke: Collection[str] = ()
) -> int:
    """Ends a membership and all that depends on it, in a transaction that locked the organization.

    That is: access to its projects, pending invitations to them, an offer of its ownership, and the keys in
    `revoke`; returns how many. If it was the user's home organization, a new one is created for them.
    """
    organization = membership.organization
    lock_person(membership.user)
    for invitation in organization.invitations.waiting_for(membership.user):
        invitation.finish(InvitationState.WITHDRAWN, actor.user)
        record(actor, Action.INVITATION_WITHDRAWN, **invitation.audit_target)
    end_offers(actor=actor, organization=organization, member=membership.user)
    slugs = membership.collaborators.order_by("project__slug").values_list("project__slug")
    record(
        actor,
        action,
        organization=organization,
        target=membership.user,
        before={"role": membership.role, "projects": [slug for (slug,) in slugs]},
    )
    created = membership.user.created_keys.listed().in_organization(organization)
    revoked = created.revoke_chosen(actor, revoke, reason=WHY_REVOKED)
    delete_membership(actor=actor, membership=membership)
    ensure_home(membership.user, actor)
    return revoked
