"""The security page, and recovery codes and the password on it."""

from typing import Any

from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access.decorators import FORM_METHODS, READ_METHODS, signed_in_page
from accounts.access.freshness import fresh_sign_in
from accounts.actors import Actor
from accounts.factors.lists import describe_factors, list_requiring_organizations
from accounts.factors.services import create_recovery_codes, remove_password
from accounts.forms import ActionForm, get_form_data
from accounts.sessions.lists import list_sessions, list_trusted_browsers


@signed_in_page(*READ_METHODS, title="Security", in_search=True)
def security(request: HttpRequest) -> HttpResponse:
    person = Actor.of(request).person
    context = {
        "factors": describe_factors(person),
        "requiring": list_requiring_organizations(person),
        "pending_reset": person.factor_resets.pending().first(),
        "sessions": list_sessions(request, person),
        "browsers": list_trusted_browsers(request, person),
    }
    return render(request, "accounts/factors/security.html", context)


def render_action(
    request: HttpRequest, page: str, form: ActionForm, /, **context: Any
) -> HttpResponse:
    """Renders the page of an action; *Cancel* leads to the security page."""
    context |= {"form": form, "cancel_url": reverse("security")}
    return render(request, f"accounts/factors/{page}.html", context, status=form.status)


def render_codes(request: HttpRequest, codes: list[str]) -> HttpResponse:
    """Renders the only page that displays these recovery codes."""
    return render(request, "accounts/factors/codes.html", {"codes": codes})


@signed_in_page(*FORM_METHODS, title="Recovery codes")
@fresh_sign_in
def recovery_codes(request: HttpRequest) -> HttpResponse:
    actor, form = Actor.of(request), ActionForm(get_form_data(request))
    if form.is_bound and form.perform(lambda: create_recovery_codes(actor=actor)):
        return render_codes(request, form.result)
    return render_action(request, "codes_create", form)


@signed_in_page(*FORM_METHODS, title="Remove password")
@fresh_sign_in
def password_remove(request: HttpRequest) -> HttpResponse:
    actor, form = Actor.of(request), ActionForm(get_form_data(request))
    if form.is_bound and form.perform(lambda: remove_password(actor=actor)):
        actor.person.refresh_from_db()
        update_session_auth_hash(request, actor.person)
        messages.success(request, "Your password was removed. Sign in with a passkey from now on.")
        return redirect("security")
    return render_action(request, "password_remove", form)
