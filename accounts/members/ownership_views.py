"""Handing an organization over: the Owner's offer, and the member's answer."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.access.decorators import fresh_password, password_first
from accounts.access.organization import OrganizationAccess, organization_page
from accounts.actors import Actor
from accounts.forms import ActForm, OfferForm, posted
from accounts.members.views import list_of, shown
from accounts.models import OwnershipOffer
from accounts.ownership.services import (
    accept_offer,
    decline_offer,
    offer_ownership,
    withdraw_offer,
)
from accounts.permissions import Permission


def page(
    request: HttpRequest, access: OrganizationAccess, name: str, form: ActForm
) -> HttpResponse:
    context = shown(access, offer=access.ownership_offer, form=form)
    return render(request, f"accounts/ownership/{name}.html", context, status=form.status)


@organization_page(Permission.ORGANIZATION_TRANSFER, title="Transfer ownership", nav="members")
@fresh_password
def transfer(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    """Shows the pending offer, or the form for one."""
    form = OfferForm(posted(request), initial={"email": request.GET.get("email", "")})
    actor, organization = Actor.of(request), access.organization
    if form.is_bound and form.perform(
        lambda **data: offer_ownership(actor=actor, organization=organization, **data)
    ):
        name = form.result.offered_to.name
        messages.success(request, f"{name} has seven days to accept the ownership.")
        return redirect(list_of(access))
    return page(request, access, "transfer", form)


@organization_page(Permission.ORGANIZATION_TRANSFER, title="Withdraw offer", nav="members")
def withdraw(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    form, actor = ActForm(posted(request)), Actor.of(request)
    if form.is_bound and form.perform(
        lambda: withdraw_offer(actor=actor, organization=access.organization)
    ):
        messages.success(request, "The offer is withdrawn. You stay the Owner.")
        return redirect(list_of(access))
    return page(request, access, "withdraw", form)


def offer_to(access: OrganizationAccess) -> OwnershipOffer:
    """The open offer made to the caller; Http404 for everybody else, the Owner too."""
    offer = access.ownership_offer
    if offer is None or offer.offered_to != access.principal.user:
        raise Http404
    return offer


@organization_page(Permission.ORGANIZATION_SEE, title="Accept ownership", nav="members")
def accept(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    """Says what changes before anything does; asks for the password of nobody it is not for."""
    offer = offer_to(access)
    if answer := password_first(request):
        return answer
    form, actor = ActForm(posted(request)), Actor.of(request)
    if form.is_bound and form.perform(lambda: accept_offer(actor=actor, offer=offer)):
        messages.success(request, f"You are the Owner of {access.organization.name} now.")
        return redirect(list_of(access))
    return page(request, access, "accept", form)


@organization_page(Permission.ORGANIZATION_SEE, title="Decline ownership", nav="members")
def decline(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    offer, actor = offer_to(access), Actor.of(request)
    form = ActForm(posted(request))
    if form.is_bound and form.perform(lambda: decline_offer(actor=actor, offer=offer)):
        messages.success(request, f"Declined. {offer.offered_by.name} stays the Owner.")
        return redirect(list_of(access))
    return page(request, access, "decline", form)
