"""Where somebody approves the login that their terminal asks for, or denies it."""

from collections.abc import Callable
from typing import Any

from allauth.core.internal.ratelimit import consume, respond_429
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.access.decorators import ACT, READ, fresh_password, signed_in_page
from accounts.actors import Actor
from accounts.forms import ActionForm, get_form_data
from keys.formats import spoken_code
from keys.terminals.forms import CodeForm
from keys.terminals.services.sessions import approve_login, deny_login

# A code has 34 bits and lives for ten minutes: nobody finds one at this pace.
GUESSES = {"user_code": "10/5m/user,50/5m/ip"}


@signed_in_page(*READ, title="Terminal login")
def device(request: HttpRequest) -> HttpResponse:
    """Asks for the code, of somebody who did not follow the link with it."""
    return render(request, "keys/terminals/device.html", {"form": CodeForm()})


@signed_in_page(*ACT, title="Terminal login")
@fresh_password
def approve(request: HttpRequest) -> HttpResponse:
    done = "Approved. Go back to your terminal: it logs in within seconds."
    return answered(request, approve_login, "keys/terminals/device_approve.html", done)


@signed_in_page(*ACT, title="Terminal login")
@fresh_password
def deny(request: HttpRequest) -> HttpResponse:
    done = "Denied. That terminal is not logged in."
    return answered(request, deny_login, "keys/terminals/device_deny.html", done)


def answered(
    request: HttpRequest, service: Callable[..., None], template: str, done: str
) -> HttpResponse:
    """The page of one of the two answers, for the login whose code stands in the address."""
    asked = CodeForm(request.GET if "user_code" in request.GET else None)
    if guess(request, dry_run=True) is None:
        refused: HttpResponse = respond_429(request)
        return refused
    login = asked.login()
    if login is None:
        if asked.is_bound and not asked.errors:
            guess(request)
            asked.say_nobody_waits()
        status = asked.status if request.method == "GET" else 422
        return render(request, "keys/terminals/device.html", {"form": asked}, status=status)
    form, actor = ActionForm(get_form_data(request)), Actor.of(request)
    if form.is_bound and form.perform(lambda: service(actor=actor, login=login)):
        messages.success(request, done)
        return redirect("terminals")
    code = spoken_code(asked.cleaned_data["user_code"])
    context = {"form": form, "login": login, "code": code}
    return render(request, template, context, status=form.status)


def guess(request: HttpRequest, **how: Any) -> Any:
    """Counts a wrong code; None when there were too many."""
    action = {"app": "keys", "action": "user_code", "config": GUESSES}
    return consume(request, limit_get=True, **action, **how)
