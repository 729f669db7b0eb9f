"""Invites people to an organization, and lets managers resend and withdraw pending invitations."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction

from accounts.access.organization import lock_organization
from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action
from accounts.errors import Conflict, TooMany
from accounts.invitations.addresses import describe_refusal, is_address
from accounts.invitations.services import lifecycle as invitations
from accounts.invitations.services.mailing import queue_invitation
from accounts.models import Invitation, Organization
from accounts.permissions import (
    OrganizationRole,
    Permission,
    ProjectRole,
    may_grant_organization_role,
)

MANAGE = Permission.MEMBERS_MANAGE
# Projects belong to the app above this one, so they are `Any` here.
ProjectRoles = Iterable[tuple[Any, ProjectRole]]


@dataclass(frozen=True, slots=True)
class Invitee:
    """Someone to invite: their normalized email address, and the roles that they get."""

    email: str
    role: OrganizationRole
    projects: tuple[tuple[Any, ProjectRole], ...] = ()


@dataclass(frozen=True)
class InvitationResult:
    """The result for one email address; without a `refusal` it was invited."""

    email: str
    refusal: str = ""
    too_many: bool = False  # a limit is reached: it can be invited later
    public_id: str = ""  # of the invitation


class AlreadyInvited(Conflict):
    """The address has a pending `invitation` to the organization."""

    def __init__(self, invitation: Invitation) -> None:
        email = invitation.email
        super().__init__(f"{email} is already invited. You can resend or withdraw the invitation.")
        self.invitation = invitation


def invite_members(
    *,
    actor: Actor,
    organization: Organization,
    emails: list[str],
    role: OrganizationRole,
    projects: ProjectRoles = (),
) -> list[InvitationResult]:
    """Invites each address on its own and returns the results; a refused one does not affect the others."""
    chosen = tuple(projects)
    invitees = [Invitee(email, role, chosen) for email in emails]
    return invite_people(actor=actor, organization=organization, invitees=invitees)


def invite_people(
    *, actor: Actor, organization: Organization, invitees: Sequence[Invitee]
) -> list[InvitationResult]:
    """Like `invite_members`, with a role and projects for each person."""
    results = []
    for invitee in invitees:
        too_many, public_id = False, ""
        alone = len(invitees) == 1
        reason = "" if is_address(invitee.email) else describe_refusal(invitee.email, alone=alone)
        try:
            if not reason:
                invitation = invite_member(
                    actor=actor,
                    organization=organization,
                    email=invitee.email,
                    role=invitee.role,
                    projects=invitee.projects,
                )
                public_id = invitation.public_id
        except ValidationError as error:
            reason, too_many = " ".join(error.messages), isinstance(error, TooMany)
        results.append(InvitationResult(invitee.email, reason, too_many, public_id))
    return results


@transaction.atomic
def invite_member(
    *,
    actor: Actor,
    organization: Organization,
    email: str,
    role: OrganizationRole,
    projects: ProjectRoles = (),
) -> Invitation:
    """Creates an invitation to the organization and to `projects` of it, and queues its email.

    `email` must be normalized. Raises Conflict if it is a member's or already invited, or if one of the
    projects has been archived since.
    """
    access = lock_organization(actor.principal, organization, MANAGE)
    if not may_grant_organization_role(access.role, role):
        raise PermissionDenied
    refuse_existing(access.organization, email)
    chosen = {project.pk: as_role for project, as_role in projects}
    opened = list(access.organization.projects.unarchived().filter(is_default=False, pk__in=chosen))
    if len(opened) < len(chosen):
        raise Conflict("One of the projects has been archived. Reload this page.")
    invitation = Invitation(organization=access.organization, email=email, role=role)
    invitation.set_inviter(actor.principal)
    invitation.save(force_insert=True)
    grants: Any = invitation.project_grants
    grants.bulk_create(
        grants.model(invitation=invitation, project=project, role=chosen[project.pk])
        for project in opened
    )
    queue_invitation(invitation)
    record(
        actor,
        Action.INVITATION_SENT,
        organization=access.organization,
        target=invitation,
        label=email,
        after={"role": role, "projects": {project.slug: chosen[project.pk] for project in opened}},
    )
    return invitation


def refuse_existing(organization: Organization, email: str) -> None:
    """Raises Conflict if the address is a member's or already invited."""
    member = organization.memberships.with_users().filter(user__email=email).first()
    if member:
        text = f"{email} belongs to {member.user.name}, who is already a member."
        raise Conflict({"email": text})
    first = organization.invitations.pending().exclude(role="").filter(email=email).first()
    if first:
        raise AlreadyInvited(first)


def find_pending_invitation(organization: Organization, public_id: str) -> Invitation:
    """Returns the organization's pending invitation with that id.

    Raises Http404 if there is none, and for invitations to one of its projects.
    """
    return invitations.find_pending(organization.invitations.exclude(role=""), public_id)


@transaction.atomic
def resend_invitation(*, actor: Actor, invitation: Invitation) -> None:
    """Extends the invitation by seven days and mails a new link."""
    lock_organization(actor.principal, invitation.organization, MANAGE)
    invitations.resend(invitation, actor)


@transaction.atomic
def withdraw_invitation(*, actor: Actor, invitation: Invitation) -> None:
    """Ends the invitation; its links stop working."""
    lock_organization(actor.principal, invitation.organization, MANAGE)
    invitations.withdraw(invitation, actor)


@transaction.atomic
def reveal_link(*, actor: Actor, invitation: Invitation) -> str:
    """Returns the link to pass on by hand."""
    lock_organization(actor.principal, invitation.organization, MANAGE)
    return invitations.reveal(invitation, actor)
