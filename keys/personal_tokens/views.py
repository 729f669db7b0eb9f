"""Pages of a person's own access tokens: the list, creating one, revoking one."""

from functools import partial

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access.decorators import FORM_METHODS, READ_METHODS, signed_in_page
from accounts.access.freshness import fresh_sign_in
from accounts.actors import Actor
from accounts.forms import ActionForm, get_form_data
from accounts.web.new_rows import mark_new
from keys.personal_tokens.forms import CreateTokenForm
from keys.personal_tokens.lists import token_list
from keys.personal_tokens.services import IssuedToken, create_personal_token, revoke_own_token
from keys.secrets import format_curl


@signed_in_page(*READ_METHODS, title="Access tokens", in_search=True)
def access_tokens(request: HttpRequest) -> HttpResponse:
    context = token_list(Actor.of(request).person, request.GET)
    return render(request, "keys/personal_tokens/list.html", context)


@signed_in_page(*FORM_METHODS, title="Create access token")
@fresh_sign_in
def create(request: HttpRequest) -> HttpResponse:
    actor = Actor.of(request)
    form = CreateTokenForm(get_form_data(request), user=actor.person)
    if form.is_bound and form.perform_once(
        partial(create_personal_token, actor=actor), actor=actor, locate=locate_token
    ):
        if form.is_repeated:
            return form.answer(request, str)
        return secret_page(request, form.result)
    context = {"form": form, "cancel_url": reverse("access_tokens")}
    return render(request, "keys/personal_tokens/create.html", context, status=form.status)


def locate_token(issued: IssuedToken) -> str:
    return mark_new(reverse("access_tokens"), [issued.token.public_id])


def secret_page(request: HttpRequest, issued: IssuedToken) -> HttpResponse:
    """Renders the only page that shows the secret. `no-store`, like every signed-in page."""
    context = {
        "token": issued.token,
        "secret": issued.secret,
        "curl": format_curl(request, "api_whoami", issued.secret),
        "cancel_url": locate_token(issued),
    }
    return render(request, "keys/personal_tokens/secret.html", context)


@signed_in_page(*FORM_METHODS, title="Revoke access token")
def revoke(request: HttpRequest, reference: str) -> HttpResponse:
    actor, form = Actor.of(request), ActionForm(get_form_data(request))
    token = actor.person.personal_tokens.in_full().filter(public_id=reference).first()
    if token is None:
        raise Http404
    if form.is_bound and form.perform(lambda: revoke_own_token(actor=actor, token=token)):
        messages.success(request, f"{token.name} was revoked.")
        return redirect("access_tokens")
    context = {"form": form, "token": token, "cancel_url": reverse("access_tokens")}
    return render(request, "keys/personal_tokens/revoke.html", context, status=form.status)
