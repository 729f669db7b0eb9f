"""Pages for invitees: the mailed or copied link, and the list in the console."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access.decorators import (
    FORM_METHODS,
    READ_METHODS,
    public_page,
    redirect_to_sign_in,
    signed_in_page,
)
from accounts.actors import Actor
from accounts.forms import ActionForm, get_form_data
from accounts.invitations.lists import open_invitation_list
from accounts.invitations.services.lifecycle import (
    accept_invitation,
    decline_invitation,
    describe_why_closed,
    find_invitation,
)
from accounts.models import Invitation, User
from accounts.models.invitation import Link
from accounts.models.principals import Principal


def invitation_context(
    request: HttpRequest, reference: str, invitation: Invitation
) -> dict[str, Any]:
    """Returns the context of all pages about one invitation."""
    here = reverse("invitation", args=[reference])
    sign_up = urlencode({"invitation": reference, "next": here})
    sign_in = f"{reverse('account_login')}?{urlencode({'next': here})}"
    user = request.user if isinstance(request.user, User) else None
    return {
        "invitation": invitation,
        "grants": list(invitation.project_grants.with_projects()),
        "closed": describe_why_closed(invitation),
        "right_account": bool(user and user.proves(invitation.email)),
        "accept_url": reverse("invitation_accept", args=[reference]),
        "decline_url": reverse("invitation_decline", args=[reference]),
        "sign_up_url": f"{reverse('account_signup')}?{sign_up}",
        "sign_in_url": sign_in,
    }


@public_page(*READ_METHODS, title="Invitation")
def show_invitation(request: HttpRequest, reference: str) -> HttpResponse:
    """Shows the invitation and what to do next: accept, sign in, sign up or switch accounts."""
    invitation, _ = find_invitation(Principal.of_request(request), reference)
    context = invitation_context(request, reference, invitation)
    status = 409 if context["closed"] else 200
    return render(request, "accounts/invitations/invitation.html", context, status=status)


@public_page(*FORM_METHODS, title="Invitation")
def accept(request: HttpRequest, reference: str) -> HttpResponse:
    """Accepts on POST; GET redirects to the invitation with its button."""
    invitation, _ = find_invitation(Principal.of_request(request), reference)
    if request.method != "POST":
        return redirect("invitation", reference)
    if answer := redirect_to_sign_in(request):
        return answer
    actor, form = Actor.of(request), ActionForm(get_form_data(request))
    if actor.person.proves(invitation.email) and form.perform(
        lambda: accept_invitation(
            actor=actor, invitation=invitation, generation=invitation.generation
        )
    ):
        messages.success(request, f"Welcome to {invitation.organization.name}.")
        return redirect(landing_url(invitation))
    invitation.refresh_from_db()
    context = {**invitation_context(request, reference, invitation), "form": form}
    status = 409 if form.conflict else 403
    return render(request, "accounts/invitations/invitation.html", context, status=status)


@public_page(*FORM_METHODS, title="Decline invitation")
def decline(request: HttpRequest, reference: str) -> HttpResponse:
    """Declining with the mailed link requires no account."""
    invitation, link = find_invitation(Principal.of_request(request), reference)
    context = invitation_context(request, reference, invitation)
    over = 409 if context["closed"] else 0
    if link != Link.MAILED and not context["right_account"]:
        return redirect_to_sign_in(request) or render(
            request, "accounts/invitations/invitation.html", context, status=over or 403
        )
    form = ActionForm(get_form_data(request))
    if form.is_bound and form.perform(
        lambda: decline_invitation(
            actor=declining_actor(request, invitation), invitation=invitation
        )
    ):
        return render(request, "accounts/invitations/declined.html", context)
    context["form"] = form
    return render(request, "accounts/invitations/decline.html", context, status=over or form.status)


def declining_actor(request: HttpRequest, invitation: Invitation) -> Actor:
    """Returns the signed-in user if the invitation is theirs, else an actor with the invited address."""
    actor = Actor.of(request)
    if actor.user and actor.user.proves(invitation.email):
        return actor
    return actor.acting_as(Principal.without_account(invitation.email))


def landing_url(invitation: Invitation) -> str:
    """Returns the URL of the project or organization that was joined."""
    grant = invitation.project_grants.with_projects().first()
    if grant is not None:
        return reverse("project", args=[grant.project.slug])
    return reverse("organization", args=[invitation.organization.slug])


@signed_in_page(*READ_METHODS, title="Invitations", in_search=True)
def waiting(request: HttpRequest) -> HttpResponse:
    """Lists the invitations that the signed-in user can accept."""
    context = open_invitation_list(Principal.of_request(request))
    return render(request, "accounts/invitations/list.html", context)
