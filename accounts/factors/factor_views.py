"""Adding, renaming and removing passkeys and the authenticator app."""

from functools import partial

from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect

from accounts.access.decorators import FORM_METHODS, signed_in_page
from accounts.access.freshness import fresh_sign_in
from accounts.actors import Actor
from accounts.enums import FactorType
from accounts.factors.authenticator_app import (
    build_setup_url,
    draw_qr_code,
    find_app,
    forget_new_secret,
    get_new_secret,
    group_secret,
)
from accounts.factors.forms import AddPasskeyForm, FactorNameForm, SetUpAppForm
from accounts.factors.passkeys import build_registration_options
from accounts.factors.services import (
    AddedFactor,
    add_authenticator_app,
    add_passkey,
    name_factor,
    remove_factor,
    rename_factor,
)
from accounts.factors.views import render_action, render_codes
from accounts.forms import ActionForm, get_form_data
from accounts.models import User
from accounts.sessions.agents import name_browser


def answer_added(request: HttpRequest, added: AddedFactor) -> HttpResponse:
    """Displays the recovery codes that came with the first factor, or redirects to the security page."""
    if added.codes:
        return render_codes(request, added.codes)
    messages.success(request, f"{name_factor(added.factor)} was added.")
    return redirect("security")


def find_passkey(user: User, reference: str) -> Authenticator:
    """Returns the user's own passkey. Raises Http404 for any other."""
    passkeys = user.authenticator_set.filter(type=FactorType.PASSKEY)
    passkey: Authenticator | None = passkeys.filter(data__public_id=reference).first()
    if passkey is None:
        raise Http404
    return passkey


@signed_in_page(*FORM_METHODS, title="Add passkey")
@fresh_sign_in
def passkey_add(request: HttpRequest) -> HttpResponse:
    actor = Actor.of(request)
    form = AddPasskeyForm(
        get_form_data(request), initial={"name": f"Passkey of {name_browser(actor.agent)}"}
    )
    if form.is_bound and form.perform(partial(add_passkey, actor=actor)):
        return answer_added(request, form.result)
    return render_action(request, "passkey_add", form)


@signed_in_page("POST", title="Options of a new passkey")
@fresh_sign_in
def passkey_add_options(request: HttpRequest) -> HttpResponse:
    return JsonResponse(build_registration_options(Actor.of(request).person))


@signed_in_page(*FORM_METHODS, title="Rename passkey")
def passkey_rename(request: HttpRequest, reference: str) -> HttpResponse:
    actor = Actor.of(request)
    passkey = find_passkey(actor.person, reference)
    form = FactorNameForm(get_form_data(request), initial={"name": name_factor(passkey)})
    if form.is_bound and form.perform(
        lambda **data: rename_factor(actor=actor, factor=passkey, **data)
    ):
        messages.success(request, "The passkey was renamed.")
        return redirect("security")
    return render_action(request, "passkey_rename", form, name=name_factor(passkey))


@signed_in_page(*FORM_METHODS, title="Remove passkey")
@fresh_sign_in
def passkey_remove(request: HttpRequest, reference: str) -> HttpResponse:
    actor, form = Actor.of(request), ActionForm(get_form_data(request))
    passkey = find_passkey(actor.person, reference)
    if form.is_bound and form.perform(lambda: remove_factor(actor=actor, factor=passkey)):
        messages.success(request, f"{name_factor(passkey)} was removed.")
        return redirect("security")
    return render_action(request, "factor_remove", form, name=name_factor(passkey))


@signed_in_page(*FORM_METHODS, title="Set up authenticator app")
@fresh_sign_in
def app_set_up(request: HttpRequest) -> HttpResponse:
    """Displays the secret as a QR code and as text, until the first code from the app is entered."""
    actor, secret = Actor.of(request), get_new_secret(request)
    form = SetUpAppForm(get_form_data(request), secret=secret)
    if form.is_bound and form.perform(partial(add_authenticator_app, actor=actor, secret=secret)):
        forget_new_secret(request)
        return answer_added(request, form.result)
    width, path = draw_qr_code(build_setup_url(actor.person, secret))
    return render_action(
        request, "app_set_up", form, secret=group_secret(secret), width=width, path=path
    )


@signed_in_page(*FORM_METHODS, title="Remove authenticator app")
@fresh_sign_in
def app_remove(request: HttpRequest) -> HttpResponse:
    actor, form = Actor.of(request), ActionForm(get_form_data(request))
    app = find_app(actor.person)
    if app is None:
        raise Http404
    if form.is_bound and form.perform(lambda: remove_factor(actor=actor, factor=app)):
        messages.success(request, f"{name_factor(app)} was removed.")
        return redirect("security")
    return render_action(request, "factor_remove", form, name=name_factor(app))
