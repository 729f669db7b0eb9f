"""The life of an invitation: sent, resent, withdrawn, accepted, declined."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import Http404

from accounts.access.organization import find_organization_access, lock_person
from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action, InvitationState
from accounts.errors import Conflict
from accounts.invitations.services.mailing import queue_invitation
from accounts.models import Invitation, Membership, Organization
from accounts.models.invitation import InvitationQuerySet, Link
from accounts.models.principals import Principal
from accounts.organizations.services.homes import ensure_home
from accounts.permissions import Permission

FINISHED = {
    InvitationState.ACCEPTED: "This invitation has already been accepted.",
    InvitationState.DECLINED: "This invitation was declined. Ask for a new one.",
    InvitationState.WITHDRAWN: "This invitation was withdrawn. Ask for a new one.",
}
EXPIRED = "This invitation has expired. Ask for a new one."
NO_RIGHT = "The person who invited you can no longer do so. Ask for a new invitation."


def describe_why_closed(invitation: Invitation) -> str:
    """Why the invitation cannot be answered any more; empty while it can."""
    if not invitation.is_pending:
        return FINISHED[InvitationState(invitation.state)]
    return EXPIRED if invitation.is_expired else ""


def lock_pending_invitation(invitation: Invitation) -> Invitation:
    """The invitation with its organization's and its own row locked; Conflict when it is finished."""
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
    """Lets the actor in: a membership when it is for the organization, then the projects it grants.

    `generation` is the one of the link that was followed. Raises PermissionDenied when the actor
    has not proved the invited address, Conflict when the invitation is finished, expired or
    resent, or when who sent it could not send it now.
    """
    locked = lock_pending_invitation(invitation)
    if locked.generation != generation:
        raise Conflict("This invitation was sent again. Use the newest link.")
    if locked.is_expired:
        raise Conflict(EXPIRED)
    if not actor.person.proves(locked.email):
        raise PermissionDenied
    if locked.organization.why_frozen:
        raise Conflict(f"{locked.organization.why_frozen} Nobody can join it now.")
    lock_person(actor.person)
    if locked.role:
        join_organization(actor, locked)
    locked.project_grants.open_to(actor.person)
    locked.finish(InvitationState.ACCEPTED, actor.user)
    roles = dict(locked.project_grants.values_list("project__slug", "role"))
    record(
        actor,
        Action.INVITATION_ACCEPTED,
        **locked.audit_target,
        after={"projects": roles} if roles else {},
    )
    ensure_home(actor.person, actor)
    return locked


def join_organization(actor: Actor, invitation: Invitation) -> None:
    """Makes the actor a member; Conflict unless the inviter may still invite. Keeps an older role."""
    try:
        inviter = Principal.of_user(invitation.invited_by)
        access = find_organization_access(inviter, pk=invitation.organization_id)
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
    """Says no. Whoever was to get this organization as their home gets one of their own."""
    locked = lock_pending_invitation(invitation)
    if actor.user:
        lock_person(actor.user)
    locked.finish(InvitationState.DECLINED, actor.user)
    record(actor, Action.INVITATION_DECLINED, **locked.audit_target)
    if actor.user:
        ensure_home(actor.user, actor)


def resend(invitation: Invitation, actor: Actor) -> None:
    """Fresh seven days, a new link (older ones stop), a new mail; in a transaction that checked the right."""
    locked = lock_pending_invitation(invitation)
    locked.renew(actor.person)
    queue_invitation(locked)
    record(actor, Action.INVITATION_RESENT, **locked.audit_target)


def withdraw(invitation: Invitation, actor: Actor) -> None:
    """Ends the invitation; in a transaction that checked the right."""
    locked = lock_pending_invitation(invitation)
    locked.finish(InvitationState.WITHDRAWN, actor.user)
    record(actor, Action.INVITATION_WITHDRAWN, **locked.audit_target)


def reveal(invitation: Invitation, actor: Actor) -> str:
    """The link to pass on by hand; audited, because whoever holds it can try to use it."""
    locked = lock_pending_invitation(invitation)
    record(actor, Action.INVITATION_LINK_COPIED, **locked.audit_target)
    return locked.url(Link.COPIED)


def find_pending(invitations: InvitationQuerySet, public_id: str) -> Invitation:
    """The pending one of `invitations` with that id; Http404 for any other."""
    waiting = invitations.pending().select_related("organization", "invited_by")
    found = waiting.filter(public_id=public_id).first()
    if found is None:
        raise Http404
    return found


def find_invitation(principal: Principal, reference: str) -> tuple[Invitation, Link]:
    """The invitation an address names: by its secret token, or by its id for the person invited.

    By id it counts as mailed: the account has proved the address. Raises Http404 for any other text.
    """
    if by_token := Invitation.objects.by_token(reference):
        return by_token
    own = Invitation.objects.open_for(principal).filter(public_id=reference)
    if invitation := own.select_related("organization").first():
        return invitation, Link.MAILED
    raise Http404
