"""Actions of support staff: answer requests of organizations, suspend, close and reopen them."""

from typing import Any

from django.db import transaction

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import (
    Action,
    Notification,
    OrganizationState,
    SupportRequestKind,
    SupportRequestState,
)
from accounts.errors import Conflict
from accounts.models import Organization, SupportRequest, User
from accounts.organizations.services.closing import close_locked_organization
from accounts.outbox import notify
from accounts.support.services.limits import change_limits, get_limits
from accounts.support.services.requests import ANSWERED
from accounts.support.services.staff import CHANGE_ORGANIZATION, require_staff

OWNERLESS = "Its Owner deleted their account, so no one can be responsible for it. It stays closed."


@transaction.atomic
def grant_request(
    *, actor: Actor, request: SupportRequest, note: str, project_limit: int | None = None
) -> None:
    """Grants the request: the new `project_limit`, or external collaborators.

    `note` is for the customer. Raises Conflict if the request was already answered, or if the limit is
    below the present one or the number of projects.
    """
    organization = Organization.objects.lock(request.organization_id)
    require_staff(actor, CHANGE_ORGANIZATION, organization)
    locked = reread_pending_request(request)
    before = get_limits(organization)
    if project_limit is not None and project_limit < organization.project_limit:
        present = organization.project_limit
        raise Conflict(
            {
                "project_limit": f"Their limit is {present} now. Enter at least {present}, or decline."
            }
        )
    externals = locked.kind == SupportRequestKind.EXTERNALS
    change_limits(
        actor=actor,
        organization=organization,
        project_limit=project_limit or organization.project_limit,
        external_collaborators_enabled=externals or organization.external_collaborators_enabled,
        note=note,
    )
    answer_request(actor, locked, SupportRequestState.GRANTED, note=note, before=before)


@transaction.atomic
def decline_request(*, actor: Actor, request: SupportRequest, note: str) -> None:
    """Declines the request with a `note`. Raises Conflict if it was already answered."""
    organization = Organization.objects.lock(request.organization_id)
    require_staff(actor, CHANGE_ORGANIZATION, organization)
    locked = reread_pending_request(request)
    answer_request(
        actor, locked, SupportRequestState.DECLINED, note=note, before=get_limits(organization)
    )


def reread_pending_request(request: SupportRequest) -> SupportRequest:
    """Returns the request, read under the organization's lock. Raises Conflict if it is not pending."""
    locked = SupportRequest.objects.select_related("requested_by").get(pk=request.pk)
    if not locked.is_pending:
        raise Conflict(ANSWERED)
    return locked


def answer_request(
    actor: Actor,
    request: SupportRequest,
    state: SupportRequestState,
    *,
    note: str,
    before: dict[str, Any],
) -> None:
    """Ends the request, records the answer and mails it, in the transaction that locked the request."""
    request.finish(state, actor.person, note)
    granted = state == SupportRequestState.GRANTED
    organization = Organization.objects.get(pk=request.organization_id)
    record(
        actor,
        Action.SUPPORT_GRANTED if granted else Action.SUPPORT_DECLINED,
        organization=organization,
        target=request,
        label=request.get_kind_display(),
        before=before,
        after={**get_limits(organization), "note": note},
    )
    notify(
        choose_recipient(request, organization),
        f"Support {state.label.lower()} your request for {organization.name}",
        "accounts/mail/support_answer.txt",
        kind=Notification.REQUEST_ANSWERED,
        request=request,
        granted=granted,
        organization=organization,
    )


def choose_recipient(request: SupportRequest, organization: Organization) -> User:
    """Returns who sent the request if they are still Owner or Admin, else the Owner."""
    sender, in_charge = request.requested_by, organization.memberships.with_every_project()
    if sender and in_charge.filter(user=sender).exists():
        return sender
    return organization.memberships.owner().user


@transaction.atomic
def suspend_organization(*, actor: Actor, organization: Organization, reason: str) -> None:
    """Makes the organization read-only; its members see the `reason` on every page."""
    locked = Organization.objects.lock(organization.pk)
    require_staff(actor, CHANGE_ORGANIZATION, locked)
    if not locked.is_active:
        raise Conflict(f"{locked.name} is already {locked.state}.")
    change_organization_state(actor, locked, OrganizationState.SUSPENDED, reason=reason)


@transaction.atomic
def close_for_customer(*, actor: Actor, organization: Organization, reason: str) -> None:
    """Closes the organization with a `reason`, as its Owner could. Raises Conflict if it is closed."""
    locked = Organization.objects.lock(organization.pk)
    require_staff(actor, CHANGE_ORGANIZATION, locked)
    if locked.state == OrganizationState.CLOSED:
        raise Conflict(f"{locked.name} is already closed.")
    close_locked_organization(locked, actor, reason)


@transaction.atomic
def reopen_organization(*, actor: Actor, organization: Organization, reason: str) -> None:
    """Reopens a suspended or closed organization; `reason` is recorded and mailed."""
    locked = Organization.objects.lock(organization.pk)
    require_staff(actor, CHANGE_ORGANIZATION, locked)
    if locked.is_active:
        raise Conflict(f"{locked.name} is already open.")
    if locked.memberships.owner().user.deleted_at:
        raise Conflict(OWNERLESS)
    change_organization_state(actor, locked, OrganizationState.ACTIVE, reason=reason)


def change_organization_state(
    actor: Actor, organization: Organization, state: OrganizationState, *, reason: str
) -> None:
    """Changes the state of a locked organization, records it and mails its Owner and Admins."""
    before, opens = organization.state, state == OrganizationState.ACTIVE
    organization.change_state(state, "" if opens else reason)
    record(
        actor,
        Action.ORGANIZATION_REOPENED if opens else Action.ORGANIZATION_SUSPENDED,
        organization=organization,
        target=organization,
        before={"state": before},
        after={"state": organization.state, "reason": reason},
    )
    in_charge = organization.memberships.with_every_project().select_related("user").order_by("pk")
    for membership in in_charge:
        notify(
            membership.user,
            f"Support has {'reopened' if opens else 'suspended'} {organization.name}",
            f"accounts/mail/organization_{'reopened' if opens else 'suspended'}.txt",
            organization=organization,
            reason=reason,
        )
