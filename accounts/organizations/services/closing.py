"""Closes organizations. Their rows are never deleted."""

from typing import Any

from django.db import transaction

from accounts.access.organization import lock_organization
from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action, InvitationState, OrganizationState
from accounts.models import Organization
from accounts.organizations.services.offers import end_offers
from accounts.outbox import queue_mails
from accounts.permissions import Permission


@transaction.atomic
def close_organization(*, actor: Actor, organization: Organization) -> None:
    """Closes the organization. Its Owner can still read it; no one else can see it any more."""
    access = lock_organization(actor.principal, organization, Permission.ORGANIZATION_CLOSE)
    close_locked_organization(access.organization, actor, f"Closed by {actor.person.email}.")


def get_api_keys(organization: Organization) -> Any:
    """Returns the queryset of API keys of all its projects, which belong to a higher app."""
    key: Any = organization.projects.model._meta.get_field("api_keys").related_model
    return key.objects.in_organization(organization).listed()


def close_locked_organization(organization: Organization, actor: Actor, reason: str) -> None:
    """Closes a locked organization: withdraws offers and invitations, records it and mails the members."""
    end_offers(actor=actor, organization=organization)
    for invitation in organization.invitations.pending().order_by("pk"):
        invitation.finish(InvitationState.WITHDRAWN, actor.user)
        record(actor, Action.INVITATION_WITHDRAWN, **invitation.audit_target)
    before = organization.state
    organization.change_state(OrganizationState.CLOSED, reason)
    record(
        actor,
        Action.ORGANIZATION_CLOSED,
        organization=organization,
        target=organization,
        before={"state": before},
        after={"state": organization.state, "reason": reason},
    )
    members = organization.memberships.filter(user__is_active=True).order_by("pk")
    queue_mails(
        members.values_list("user__email", flat=True),
        f"{organization.name} is closed",
        "accounts/mail/organization_closed.txt",
        organization=organization,
        actor=actor,
    )
