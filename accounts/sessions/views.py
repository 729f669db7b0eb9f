"""The page of sessions and trusted browsers, and the actions on them."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access.decorators import FORM_METHODS, READ_METHODS, signed_in_page
from accounts.actors import Actor
from accounts.forms import ActionForm, get_form_data
from accounts.sessions.agents import name_browser
from accounts.sessions.lists import list_sessions, list_trusted_browsers
from accounts.sessions.services import end_other_sessions, end_session, end_trust


@signed_in_page(*READ_METHODS, title="Sessions", in_search=True)
def sessions(request: HttpRequest) -> HttpResponse:
    person = Actor.of(request).person
    context = {
        "sessions": list_sessions(request, person),
        "browsers": list_trusted_browsers(request, person),
    }
    return render(request, "accounts/sessions/list.html", context)


@signed_in_page(*FORM_METHODS, title="End session")
def end(request: HttpRequest, reference: str) -> HttpResponse:
    actor, form = Actor.of(request), ActionForm(get_form_data(request))
    session = actor.person.sessions.alive().filter(public_id=reference).first()
    if session is None:
        raise Http404
    browser = name_browser(session.agent)
    if form.is_bound and form.perform(lambda: end_session(actor=actor, session=session)):
        if session.pk == actor.session_pk:
            request.session.flush()
        messages.success(request, f"The session in {browser} was ended.")
        return redirect("sessions")
    context = {"form": form, "browser": browser, "cancel_url": reverse("sessions")}
    return render(request, "accounts/sessions/end.html", context, status=form.status)


@signed_in_page(*FORM_METHODS, title="End all other sessions")
def end_others(request: HttpRequest) -> HttpResponse:
    actor, form = Actor.of(request), ActionForm(get_form_data(request))
    if form.is_bound and form.perform(lambda: end_other_sessions(actor=actor)):
        messages.success(request, describe_ended(form.result))
        return redirect("sessions")
    context = {"form": form, "cancel_url": reverse("sessions")}
    return render(request, "accounts/sessions/end_others.html", context, status=form.status)


def describe_ended(number: int) -> str:
    if not number:
        return "There were no other sessions."
    return "1 other session was ended." if number == 1 else f"{number} other sessions were ended."


@signed_in_page(*FORM_METHODS, title="Stop trusting a browser")
def stop_trusting(request: HttpRequest, reference: str) -> HttpResponse:
    actor, form = Actor.of(request), ActionForm(get_form_data(request))
    row = actor.person.trusted_browsers.current().filter(public_id=reference).first()
    if row is None:
        raise Http404
    browser = name_browser(row.agent)
    if form.is_bound and form.perform(lambda: end_trust(actor=actor, browser=row)):
        messages.success(request, f"{browser} is no longer trusted.")
        return redirect("sessions")
    context = {"form": form, "browser": browser, "cancel_url": reverse("sessions")}
    return render(request, "accounts/sessions/stop_trusting.html", context, status=form.status)
