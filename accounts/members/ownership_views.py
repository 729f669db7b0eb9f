"""Pages for transferring ownership: the Owner's offer, and the member's answer."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access.decorators import READ_METHODS
from accounts.access.freshness import fresh_sign_in, redirect_to_confirmation
from accounts.access.organization import OrganizationAccess, organization_page
from accounts.actors import Actor
from accounts.forms import ActionForm, OfferForm, get_form_data
from accounts.members.candidates import Candidate, create_candidate, show_candidates
from accounts.members.views import action_context, members_url
from accounts.models import Membership, OwnershipOffer
from accounts.ownership.services import (
    accept_offer,
    decline_offer,
    offer_ownership,
    withdraw_offer,
)
from accounts.permissions import Permission


def render_page(
    request: HttpRequest, access: OrganizationAccess, name: str, form: ActionForm
) -> HttpResponse:
    context = action_context(access, offer=access.ownership_offer, form=form)
    return render(request, f"accounts/ownership/{name}.html", context, status=form.status)


@organization_page(Permission.ORGANIZATION_TRANSFER, title="Transfer ownership", nav="members")
@fresh_sign_in
def transfer(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    """Shows the pending offer, or the form for a new one."""
    form = OfferForm(get_form_data(request), initial={"email": request.GET.get("email", "")})
    actor, organization = Actor.of(request), access.organization
    if form.is_bound and form.perform(
        lambda **data: offer_ownership(actor=actor, organization=organization, **data)
    ):
        name = form.result.offered_to.name
        messages.success(request, f"Ownership offered. {name} has seven days to accept.")
        return redirect(members_url(access))
    return render_page(request, access, "transfer", form)


@organization_page(
    Permission.ORGANIZATION_TRANSFER, READ_METHODS, title="Find a member", nav="members"
)
def candidates(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    """Lists the members to whom the ownership can be offered."""
    others = access.organization.memberships.exclude(user=access.principal.user)
    context = {
        "access": access,
        "choose_url": reverse("ownership_transfer", args=[access.organization.slug]),
    }
    return show_candidates(request, others, create_candidates, context)


def create_candidates(memberships: list[Membership]) -> list[Candidate]:
    return [create_candidate(membership) for membership in memberships]


@organization_page(Permission.ORGANIZATION_TRANSFER, title="Withdraw offer", nav="members")
def withdraw(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    form, actor = ActionForm(get_form_data(request)), Actor.of(request)
    if form.is_bound and form.perform(
        lambda: withdraw_offer(actor=actor, organization=access.organization)
    ):
        messages.success(request, "Offer withdrawn. You remain the Owner.")
        return redirect(members_url(access))
    return render_page(request, access, "withdraw", form)


def find_received_offer(access: OrganizationAccess) -> OwnershipOffer:
    """Returns the open offer to the caller. Raises Http404 for everyone else, including the Owner."""
    offer = access.ownership_offer
    if offer is None or offer.offered_to != access.principal.user:
        raise Http404
    return offer


@organization_page(Permission.ORGANIZATION_SEE, title="Accept ownership", nav="members")
def accept(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    """Shows what changes, then accepts. Requires a fresh sign-in only if there is an offer to the caller."""
    offer = find_received_offer(access)
    if answer := redirect_to_confirmation(request):
        return answer
    form, actor = ActionForm(get_form_data(request)), Actor.of(request)
    if form.is_bound and form.perform(lambda: accept_offer(actor=actor, offer=offer)):
        messages.success(request, f"You are now the Owner of {access.organization.name}.")
        return redirect(members_url(access))
    return render_page(request, access, "accept", form)


@organization_page(Permission.ORGANIZATION_SEE, title="Decline ownership", nav="members")
def decline(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    offer, actor = find_received_offer(access), Actor.of(request)
    form = ActionForm(get_form_data(request))
    if form.is_bound and form.perform(lambda: decline_offer(actor=actor, offer=offer)):
        messages.success(request, f"Offer declined. {offer.offered_by.name} remains the Owner.")
        return redirect(members_url(access))
    return render_page(request, access, "decline", form)
