"""Signing in with a passkey, and the step after the password for people with a second factor."""

from typing import Any

from allauth.account.internal.flows.login import perform_login
from allauth.account.internal.stagekit import clear_login
from allauth.account.models import Login
from allauth.account.stages import LoginStageController
from allauth.core.internal import ratelimit
from allauth.mfa.base.internal.flows import post_authentication
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from accounts.access.decorators import FORM_METHODS, public_page, public_route
from accounts.access.freshness import Proof, remember_proof
from accounts.access.organization import lock_person
from accounts.actors import Actor
from accounts.enums import FactorType
from accounts.factors.forms import PasskeyForm, SecondFactorForm
from accounts.factors.passkeys import CHALLENGE_LIFETIME, REFUSED, build_sign_in_options
from accounts.factors.services import REMOVED, record_recovery_code
from accounts.forms import ActionForm, get_form_data
from accounts.models import User
from accounts.models.principals import Principal
from accounts.sessions.services import trust_browser
from accounts.sessions.trusted_browsers import keep_token
from accounts.sign_in.next_page import safe_next
from accounts.sign_in.services import notify_of_many_codes, record_failed_factor
from accounts.sign_in.stages import SecondFactorStage, is_overtaken


def find_stage(request: HttpRequest) -> SecondFactorStage | None:
    """Returns the step of someone who has entered their password; None if there is none.

    One that was overtaken, by a new password for example, is over.
    """
    stage: SecondFactorStage | None = LoginStageController.enter(request, SecondFactorStage.key)
    if stage and is_overtaken(request, stage.login.user):
        clear_login(request)
        return None
    return stage


@transaction.atomic
def remember_use(request: HttpRequest, user: User, factor: Authenticator, **how: bool) -> bool:
    """Records that the factor was used; a passkey proves who the person is.

    Returns False if the factor has just been removed.
    """
    if not lock_person(user).authenticator_set.filter(pk=factor.pk).exists():
        return False
    post_authentication(request, factor, **how)
    if factor.type == FactorType.PASSKEY:
        remember_proof(request, user, Proof.PASSKEY)
    return True


@public_page(*FORM_METHODS, title="Second factor")
def second_factor(request: HttpRequest) -> HttpResponse:
    stage = find_stage(request)
    if stage is None:
        return redirect("account_login")
    user: User = stage.login.user
    form = SecondFactorForm(get_form_data(request), user=user)
    if form.is_bound and form.is_valid() and form.factor:
        return finish_sign_in(request, stage, form.factor, trust=form.cleaned_data["trust"])
    if form.was_checked:
        record_failed_factor(actor=Actor.of(request), user=user)
    if form.too_many:
        notify_of_many_codes(actor=Actor.of(request), user=user)
    return render_second_factor(request, user, form)


@public_page(*FORM_METHODS, title="Second factor")
def second_factor_passkey(request: HttpRequest) -> HttpResponse:
    stage = find_stage(request)
    if stage is None or request.method != "POST":
        return redirect("second_factor" if stage else "account_login")
    user: User = stage.login.user
    form = PasskeyForm(request.POST, user=user)
    if form.is_valid() and form.factor:
        return finish_sign_in(request, stage, form.factor, trust=False)
    messages.error(request, REFUSED)
    return render_second_factor(request, user, SecondFactorForm(None, user=user), status=422)


@public_route("POST")
def second_factor_options(request: HttpRequest) -> HttpResponse:
    """Returns the options for the passkeys of someone who has entered their password."""
    stage = find_stage(request)
    if stage is None:
        return JsonResponse({}, status=409)
    return JsonResponse(build_sign_in_options(stage.login.user))


def render_second_factor(
    request: HttpRequest, user: User, form: ActionForm, **response: Any
) -> HttpResponse:
    factors = set(user.authenticator_set.values_list("type", flat=True))
    context = {
        "form": form,
        "has_passkey": FactorType.PASSKEY in factors,
        "has_app": FactorType.AUTHENTICATOR_APP in factors,
        "has_codes": FactorType.RECOVERY_CODES in factors,
    }
    status = response.get("status", form.status)
    return TemplateResponse(request, "accounts/sign_in/second_factor.html", context, status=status)


def finish_sign_in(
    request: HttpRequest, stage: SecondFactorStage, factor: Authenticator, *, trust: bool
) -> HttpResponse:
    """Signs in the person who has given `factor`, and trusts the browser if they want that."""
    user: User = stage.login.user
    if not remember_use(request, user, factor):
        messages.error(request, REMOVED)
        return redirect("second_factor")
    if factor.type == FactorType.RECOVERY_CODES:
        actor = Actor.of(request).acting_as(Principal.of_user(user))
        record_recovery_code(actor=actor, user=user)
    response: HttpResponse = stage.exit()
    if trust and request.user.is_authenticated:
        keep_token(request, response, trust_browser(actor=Actor.of(request)))
    return response


@public_page(*FORM_METHODS, title="Sign in with a passkey")
def passkey_sign_in(request: HttpRequest) -> HttpResponse:
    """Signs in the owner of the passkey, without an email address and a password."""
    if request.user.is_authenticated:
        return redirect("home")
    if request.method != "POST":
        return redirect("account_login")
    form = PasskeyForm(request.POST, user=None)
    factor = form.factor if form.is_valid() else None
    if factor is None or not remember_use(request, factor.user, factor, passwordless=True):
        messages.error(request, REFUSED)
        return redirect("account_login")
    user = factor.user
    response: HttpResponse = perform_login(
        request, Login(user=user, redirect_url=safe_next(request) or None)
    )
    return response


@public_route("POST")
def passkey_sign_in_options(request: HttpRequest) -> HttpResponse:
    """Returns the options for any passkey.

    The session with its challenge is stored for anyone who asks: not too often from one network, and only
    for as long as the challenge counts.
    """
    if ratelimit.consume(request, app="allauth.account", action="passkey_options") is None:
        return JsonResponse({}, status=429, headers={"Retry-After": "60"})
    if not request.session.keys():
        request.session.set_expiry(CHALLENGE_LIFETIME)
    return JsonResponse(build_sign_in_options(None))
