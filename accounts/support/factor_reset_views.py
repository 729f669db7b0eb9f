"""Canceling a reset of one's second factors: with the mailed link, or signed in."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access.decorators import FORM_METHODS, public_page, signed_in_page
from accounts.actors import Actor
from accounts.forms import ActionForm, get_form_data
from accounts.models.principals import Principal
from accounts.support.services.factor_resets import cancel_factor_reset, find_reset

CANCELED = "The reset was canceled. Your second factors stay as they are."


@public_page(*FORM_METHODS, title="Cancel reset")
def cancel(request: HttpRequest, reference: str, mac: str) -> HttpResponse:
    """GET asks; POST cancels. Raises Http404 for a link that is not ours."""
    reset = find_reset(reference, mac)
    if reset is None:
        raise Http404
    actor = Actor.of(request).acting_as(Principal.of_user(reset.user))
    form = ActionForm(get_form_data(request))
    if form.is_bound and form.perform(lambda: cancel_factor_reset(actor=actor, reset=reset)):
        messages.success(request, CANCELED)
        return redirect("account_login")
    context = {"form": form, "reset": reset}
    return render(request, "accounts/support/factor_reset_cancel.html", context, status=form.status)


@signed_in_page(*FORM_METHODS, title="Cancel reset")
def cancel_own(request: HttpRequest) -> HttpResponse:
    actor, form = Actor.of(request), ActionForm(get_form_data(request))
    reset = actor.person.factor_resets.pending().first()
    if reset is None:
        raise Http404
    if form.is_bound and form.perform(lambda: cancel_factor_reset(actor=actor, reset=reset)):
        messages.success(request, CANCELED)
        return redirect("security")
    context = {"form": form, "reset": reset, "cancel_url": reverse("security")}
    return render(
        request, "accounts/support/factor_reset_cancel_own.html", context, status=form.status
    )
