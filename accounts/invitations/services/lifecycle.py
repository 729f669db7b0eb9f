"""Accepts, declines, resends and withdraws invitations."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404

from accounts.access.organization import find_organization_access, lock_person
from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action, InvitationState, Notification
from accounts.errors import Conflict
from accounts.invitations.services.mailing import queue_invitation
from accounts.models import Invitation, Membership, Organization
from accounts.models.invitation import InvitationQuerySet, Link
from accounts.models.principals import Principal
from accounts.organizations.services.homes import ensure_home
from accounts.outbox import notify_of_action
from accounts.permissions import Permission

FINISHED = {
    InvitationState.ACCEPTED: "This invitation has already been accepted.",
    InvitationState.DECLINED: "This invitation was declined. Ask for a new one.",
    InvitationState.WITHDRAWN: "This invitation was withdrawn. Ask for a new one.",
}
EXPIRED = "This invitation has expired. Ask for a new one."
NO_RIGHT = "The person who invited you can no longer do so. Ask for a new invitation."


def describe_why_closed(invitation: Invitation) -> str:
    """Returns why the invitation can no longer be answered; empty if it can."""
    if not invitation.is_pending:
        return FINISHED[InvitationState(invitation.state)]
    return EXPIRED if invitation.is_expired else ""


def lock_pending_invitation(invitation: Invitation) -> Invitation:
    """Locks the organization and the invitation, and returns it. Raises Conflict if it is not pending."""
    Organization.objects.lock(invitation.organization_id)
    locked = (
        Invitation.objects.select_for_update(no_key=True, of=("self",))
        .select_related("organization", "invited_by")
        .get(pk=invitation.pk)
    )
    if not locked.is_pending:
        raise Conflict(FINISHED[InvitationState(locked.state)])
    return locked


@transaction.atomic
def accept_invitation(*, actor: Actor, invitation: Invitation, generation: int) -> Invitation:
    """Gives the actor the membership, if the invitation is to the organization, and the granted projects.

    `generation` is that of the link used. Raises PermissionDenied if the actor has not verified the invited
    address; Conflict if the invitation was answered, has expired or was resent, or if its sender could no
    longer send it.
    """
    locked = lock_pending_invitation(invitation)
    if locked.generation != generation:
        raise Conflict("This invitation was sent again. Use the newest link.")
    if locked.is_expired:
        raise Conflict(EXPIRED)
    if not actor.person.proves(locked.email):
        raise PermissionDenied
    if locked.organization.why_frozen:
        raise Conflict(f"{locked.organization.why_frozen} No one can join it now.")
    lock_person(actor.person)
    if locked.role:
        join_organization(actor, locked)
    locked.project_grants.accept_for(actor.person)
    locked.finish(InvitationState.ACCEPTED, actor.user)
    roles = dict(locked.project_grants.values_list("project__slug", "role"))
    record(
        actor,
        Action.INVITATION_ACCEPTED,
        **locked.audit_target,
        after={"projects": roles} if roles else {},
    )
    notify_inviter(actor, locked)
    ensure_home(actor.person, actor)
    return locked


def notify_inviter(actor: Actor, invitation: Invitation) -> None:
    """Notifies the person who invited the actor; programs read the list."""
    if invitation.invited_by is None:
        return
    notify_of_action(
        actor,
        invitation.invited_by,
        f"{actor.person.name} accepted your invitation to {invitation.organization.name}",
        "accounts/mail/invitation_accepted.txt",
        kind=Notification.INVITATION_ACCEPTED,
        invitation=invitation,
        grants=invitation.project_grants.with_projects(),
    )


def join_organization(actor: Actor, invitation: Invitation) -> None:
    """Makes the actor a member; someone who already is keeps their role.

    Raises Conflict if the inviter may no longer invite.
    """
    try:
        access = find_organization_access(invitation.inviter, pk=invitation.organization_id)
        access.require(Permission.MEMBERS_MANAGE)
    except (Http404, PermissionDenied):
        raise Conflict(NO_RIGHT) from None
    membership, created = Membership.objects.get_or_create(
        organization=invitation.organization,
        user=actor.person,
        defaults={"role": invitation.role},
    )
    if created:
        record(
            actor,
            Action.MEMBER_JOINED,
            organization=invitation.organization,
            target=actor.person,
            after={"role": membership.role},
        )


@transaction.atomic
def decline_invitation(*, actor: Actor, invitation: Invitation) -> None:
    """Declines the invitation. An actor who signed up with it gets an organization of their own as home."""
    locked = lock_pending_invitation(invitation)
    if actor.user:
        lock_person(actor.user)
    locked.finish(InvitationState.DECLINED, actor.user)
    record(actor, Action.INVITATION_DECLINED, **locked.audit_target)
    if actor.user:
        ensure_home(actor.user, actor)


def resend(invitation: Invitation, actor: Actor) -> None:
    """Extends the invitation by seven days and mails a new link; older links stop working.

    Call it in a transaction that checked the permission.
    """
    locked = lock_pending_invitation(invitation)
    locked.renew(actor.principal)
    queue_invitation(locked)
    record(actor, Action.INVITATION_RESENT, **locked.audit_target)


def withdraw(invitation: Invitation, actor: Actor) -> None:
    """Ends the invitation. Call it in a transaction that checked the permission."""
    locked = lock_pending_invitation(invitation)
    locked.finish(InvitationState.WITHDRAWN, actor.user)
    record(actor, Action.INVITATION_WITHDRAWN, **locked.audit_target)


def reveal(invitation: Invitation, actor: Actor) -> str:
    """Returns the link to pass on by hand. Recorded, because anyone with the link can try it."""
    locked = lock_pending_invitation(invitation)
    record(actor, Action.INVITATION_LINK_COPIED, **locked.audit_target)
    return locked.url(Link.COPIED)


def find_pending(invitations: InvitationQuerySet, public_id: str) -> Invitation:
    """Returns the pending invitation with that id. Raises Http404 if there is none in `invitations`."""
    pending = invitations.pending().select_related("organization", "invited_by")
    invitation = pending.filter(public_id=public_id).first()
    if invitation is None:
        raise Http404
    return invitation


def find_invitation(principal: Principal, reference: str) -> tuple[Invitation, Link]:
    """Returns the invitation with this token, or with this public id if it is the principal's own.

    The id counts as the mailed link, because the user has verified the address. Raises Http404 if there is
    none.
    """
    if by_token := Invitation.objects.by_token(reference):
        return by_token
    own = Invitation.objects.open_for(principal).filter(public_id=reference)
    if invitation := own.select_related("organization").first():
        return invitation, Link.MAILED
    raise Http404
