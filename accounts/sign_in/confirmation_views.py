"""The page that asks people to prove again who they are, before actions that cannot be undone."""

from allauth.account.forms import ReauthenticateForm
from allauth.core import ratelimit
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from accounts.access.decorators import FORM_METHODS, signed_in_page
from accounts.access.freshness import Proof, list_proofs
from accounts.actors import Actor
from accounts.factors.forms import PasskeyForm
from accounts.factors.passkeys import REFUSED, build_sign_in_options
from accounts.models import User
from accounts.sign_in.next_page import safe_next
from accounts.sign_in.second_factor_views import remember_use

TITLE = "Confirm it's you"


def render_confirmation(
    request: HttpRequest, user: User, form: ReauthenticateForm, status: int = 200
) -> HttpResponse:
    context = {"form": form, "proofs": list_proofs(user), "next": safe_next(request)}
    return TemplateResponse(request, "account/reauthenticate.html", context, status=status)


def resume_action(request: HttpRequest) -> HttpResponse:
    """Leads on to the page of what the person was about to do."""
    return redirect(safe_next(request) or "home")


@signed_in_page(*FORM_METHODS, title=TITLE)
def confirm(request: HttpRequest) -> HttpResponse:
    """Asks for the password. The passkey has an action of its own."""
    user = Actor.of(request).person
    if request.method != "POST" or Proof.PASSWORD not in list_proofs(user):
        return render_confirmation(request, user, ReauthenticateForm(user=user))
    if refusal := ratelimit.consume_or_429(request, action="reauthenticate", user=user):
        return HttpResponse(status=refusal.status_code)
    form = ReauthenticateForm(user=user, data=request.POST)
    # It remembers the proof: AccountAdapter.authenticate.
    return resume_action(request) if form.is_valid() else render_confirmation(request, user, form)


@signed_in_page(*FORM_METHODS, title=TITLE)
def confirm_passkey(request: HttpRequest) -> HttpResponse:
    if request.method != "POST":
        return redirect("account_reauthenticate")
    user = Actor.of(request).person
    form = PasskeyForm(request.POST, user=user)
    if form.is_valid() and form.factor and remember_use(request, user, form.factor):
        return resume_action(request)
    messages.error(request, REFUSED)
    return render_confirmation(request, user, ReauthenticateForm(user=user), status=422)


@signed_in_page("POST", title=TITLE)
def confirm_options(request: HttpRequest) -> HttpResponse:
    return JsonResponse(build_sign_in_options(Actor.of(request).person))
