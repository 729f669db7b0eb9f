"""What support staff do for an organization: answer its requests, suspend and reopen it."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action, OrganizationState, SupportRequestKind, SupportRequestState
from accounts.errors import Conflict
from accounts.models import Organization, SupportRequest, User
from accounts.organizations.services.closing import close_locked_organization
from accounts.organizations.services.organizations import change_limits, get_limits
from accounts.outbox import notify

OWNERLESS = "Its Owner deleted their account, so nobody could answer for it. It stays closed."
ANSWERED = "Somebody has answered this request already. Nothing was changed now."


def get_staff_user(actor: Actor) -> User:
    """The support person acting, read again; PermissionDenied for everybody else."""
    staff = User.objects.filter(pk=actor.person.pk, is_staff=True, is_active=True).first()
    if staff is None:
        raise PermissionDenied
    return staff


def require_staff(actor: Actor, permission: str) -> None:
    """PermissionDenied unless the actor is support staff and holds that permission of Django's now.

    An actor without a person is whoever runs the console, who may do what its commands do.
    """
    if actor.user is not None and not get_staff_user(actor).has_perm(permission):
        raise PermissionDenied


@transaction.atomic
def grant_request(
    *, actor: Actor, request: SupportRequest, note: str, project_limit: int | None = None
) -> None:
    """Gives what was asked for: the new `project_limit`, or external collaborators.

    `note` is for the customer. Conflict when the request is answered already, or when the limit is
    below the present one or below what exists.
    """
    get_staff_user(actor)
    organization = Organization.objects.lock(request.organization_id)
    locked = reread_pending_request(request)
    before = get_limits(organization)
    if project_limit is not None and project_limit < organization.project_limit:
        present = organization.project_limit
        raise Conflict(
            {"project_limit": f"They may have {present} now. Enter at least {present}, or decline."}
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
    """Refuses it, saying why; Conflict when it is answered already."""
    get_staff_user(actor)
    organization = Organization.objects.lock(request.organization_id)
    locked = reread_pending_request(request)
    answer_request(
        actor, locked, SupportRequestState.DECLINED, note=note, before=get_limits(organization)
    )


def reread_pending_request(request: SupportRequest) -> SupportRequest:
    """The request as it is under the organization's lock; Conflict unless it waits for an answer."""
    locked = SupportRequest.objects.select_related("asked_by").get(pk=request.pk)
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
        request=request,
        granted=granted,
        organization=organization,
    )


def choose_recipient(request: SupportRequest, organization: Organization) -> User:
    """Whoever asked, while they are still in charge there; else the Owner."""
    in_charge = organization.memberships.with_every_project()
    if in_charge.filter(user=request.asked_by).exists():
        return request.asked_by
    return organization.memberships.owner().user


@transaction.atomic
def suspend_organization(*, actor: Actor, organization: Organization, reason: str) -> None:
    """Makes the organization read-only for all its people, who read the `reason` on every page."""
    get_staff_user(actor)
    locked = Organization.objects.lock(organization.pk)
    if not locked.is_active:
        raise Conflict(f"{locked.name} is {locked.state} already.")
    change_organization_state(actor, locked, OrganizationState.SUSPENDED, reason=reason)


@transaction.atomic
def close_for_customer(*, actor: Actor, organization: Organization, reason: str) -> None:
    """Closes the organization as its Owner could, with a `reason`; Conflict when it is closed."""
    get_staff_user(actor)
    locked = Organization.objects.lock(organization.pk)
    if locked.state == OrganizationState.CLOSED:
        raise Conflict(f"{locked.name} is closed already.")
    close_locked_organization(locked, actor, reason)


@transaction.atomic
def reopen_organization(*, actor: Actor, organization: Organization, reason: str) -> None:
    """Ends a suspension or a closing; `reason` is kept in the audit log and mailed."""
    get_staff_user(actor)
    locked = Organization.objects.lock(organization.pk)
    if locked.is_active:
        raise Conflict(f"{locked.name} is open already.")
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
