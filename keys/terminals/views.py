"""The pages of a user's terminals, and the organization's switch for them."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access.decorators import FORM_METHODS, READ_METHODS, signed_in_page
from accounts.access.organization import OrganizationAccess, organization_page
from accounts.actors import Actor
from accounts.forms import ActionForm, get_form_data
from accounts.permissions import Permission
from keys.models import KeyPolicy
from keys.terminals.forms import TerminalLoginForm
from keys.terminals.lists import terminal_list
from keys.terminals.services.sessions import end_all_terminals, end_terminal, switch_terminal_login


@signed_in_page(*READ_METHODS, title="Terminals", in_search=True)
def terminals(request: HttpRequest) -> HttpResponse:
    context = terminal_list(Actor.of(request).person)
    return render(request, "keys/terminals/list.html", context)


@signed_in_page(*FORM_METHODS, title="Sign out a terminal")
def end(request: HttpRequest, reference: str) -> HttpResponse:
    actor, form = Actor.of(request), ActionForm(get_form_data(request))
    session = actor.person.terminal_sessions.filter(public_id=reference).first()
    if session is None:
        raise Http404
    if form.is_bound and form.perform(lambda: end_terminal(actor=actor, session=session)):
        messages.success(request, f"{session.label} was signed out.")
        return redirect("terminals")
    context = {"form": form, "session": session, "cancel_url": reverse("terminals")}
    return render(request, "keys/terminals/end.html", context, status=form.status)


@signed_in_page(*FORM_METHODS, title="Sign out all terminals")
def end_all(request: HttpRequest) -> HttpResponse:
    actor, form = Actor.of(request), ActionForm(get_form_data(request))
    if form.is_bound and form.perform(lambda: end_all_terminals(actor=actor)):
        messages.success(request, ended_message(form.result))
        return redirect("terminals")
    context = {"form": form, "cancel_url": reverse("terminals")}
    return render(request, "keys/terminals/end_all.html", context, status=form.status)


def ended_message(number: int) -> str:
    if not number:
        return "No terminals were signed in."
    return "1 terminal was signed out." if number == 1 else f"{number} terminals were signed out."


@organization_page(
    Permission.TERMINAL_LOGIN_CHANGE, title="Terminal login", nav="organization_settings"
)
def terminal_login(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    organization, actor = access.organization, Actor.of(request)
    allowed = KeyPolicy.of(organization).terminal_login
    form = TerminalLoginForm(get_form_data(request), initial={"allowed": allowed})
    if form.is_bound and form.perform(
        lambda **data: switch_terminal_login(actor=actor, organization=organization, **data)
    ):
        on = form.cleaned_data["allowed"]
        messages.success(request, f"Terminal login is {'on' if on else 'off'}.")
        return redirect("organization_settings", organization.slug)
    context = {
        "access": access,
        "form": form,
        "cancel_url": reverse("organization_settings", args=[organization.slug]),
    }
    return render(request, "keys/terminals/terminal_login.html", context, status=form.status)
