"""The pages on which a user approves or denies the login of a terminal."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import get_resolver

from accounts.access.decorators import FORM_METHODS, READ_METHODS, signed_in_page
from accounts.access.freshness import fresh_sign_in
from accounts.actors import Actor
from accounts.forms import ActionForm, get_form_data
from keys.formats import format_user_code
from keys.limits import Limit, count_request, identify_address, read_status
from keys.terminals.forms import CodeForm
from keys.terminals.services.sessions import approve_login, deny_login

# A code has 34 bits and lives for ten minutes, so no one can guess it at this rate.
PERSON_GUESSES = Limit("codes", "Too many wrong codes.", fixed_quota=10, window=300)
ADDRESS_GUESSES = Limit("codes", "Too many wrong codes.", fixed_quota=50, window=300)


@signed_in_page(*READ_METHODS, title="Terminal login")
def device(request: HttpRequest) -> HttpResponse:
    """Asks for the code; the link that the terminal shows includes it."""
    return render(request, "keys/terminals/device.html", {"form": CodeForm()})


@signed_in_page(*FORM_METHODS, title="Terminal login")
@fresh_sign_in
def approve(request: HttpRequest) -> HttpResponse:
    done = "Approved. Go back to your terminal, which signs in within seconds."
    return answer_login(request, approve_login, "keys/terminals/device_approve.html", done)


@signed_in_page(*FORM_METHODS, title="Terminal login")
@fresh_sign_in
def deny(request: HttpRequest) -> HttpResponse:
    done = "Denied. The terminal was not signed in."
    return answer_login(request, deny_login, "keys/terminals/device_deny.html", done)


def answer_login(
    request: HttpRequest, service: Callable[..., None], template: str, done: str
) -> HttpResponse:
    """Renders the page that approves or denies the login with the code in the URL, or calls its `service`."""
    code_form = CodeForm(request.GET if "user_code" in request.GET else None)
    if has_guessed_too_often(request):
        return respond_too_many_requests(request)
    login = code_form.login()
    if login is None:
        if code_form.is_bound and not code_form.errors:
            count_guess(request)
            code_form.add_unknown_code_error()
        status = code_form.status if request.method == "GET" else 422
        return render(request, "keys/terminals/device.html", {"form": code_form}, status=status)
    form, actor = ActionForm(get_form_data(request)), Actor.of(request)
    if form.is_bound and form.perform(lambda: service(actor=actor, login=login)):
        messages.success(request, done)
        return redirect("terminals")
    code = format_user_code(code_form.cleaned_data["user_code"])
    context = {"form": form, "login": login, "code": code}
    return render(request, template, context, status=form.status)


def list_guess_limits(request: HttpRequest) -> list[tuple[Limit, str]]:
    """Returns the limits of wrong codes, each with the subject it counts for."""
    return [
        (PERSON_GUESSES, f"code:user:{request.user.pk}"),
        (ADDRESS_GUESSES, f"code:{identify_address(request)}"),
    ]


def has_guessed_too_often(request: HttpRequest) -> bool:
    statuses = [read_status(*limit) for limit in list_guess_limits(request)]
    return any(status.is_used_up for status in statuses if status)


def count_guess(request: HttpRequest) -> None:
    for limit in list_guess_limits(request):
        count_request(*limit)


def respond_too_many_requests(request: HttpRequest) -> HttpResponse:
    """Returns the 429 page, which belongs to the app that puts the URLs together."""
    error_page: Callable[[HttpRequest], HttpResponse] = get_resolver().resolve_error_handler(429)
    return error_page(request)
