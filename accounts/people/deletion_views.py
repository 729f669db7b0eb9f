"""The page on which users delete their account."""

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access.decorators import FORM_METHODS, signed_in_page
from accounts.access.freshness import fresh_sign_in
from accounts.actors import Actor
from accounts.forms import TypedForm, get_form_data
from accounts.people.services.deletion import (
    count_keys_to_revoke,
    count_remaining_keys,
    delete_account,
    describe_obstacle,
    find_organizations_to_close,
)


@signed_in_page(*FORM_METHODS, title="Delete account")
@fresh_sign_in
def delete(request: HttpRequest) -> HttpResponse:
    actor = Actor.of(request)
    form = TypedForm(get_form_data(request), word=actor.person.email)
    if form.is_bound and form.perform(lambda **typed: delete_account(actor=actor)):
        logout(request)
        messages.success(request, "Your account is deleted.")
        return redirect("account_login")
    context = {
        "form": form,
        "why_not": describe_obstacle(actor.person),
        "closing": find_organizations_to_close(actor.person),
        "keys": count_keys_to_revoke(actor.person),
        "keys_left": count_remaining_keys(actor.person),
        "cancel_url": reverse("profile"),
    }
    return render(request, "accounts/people/account_delete.html", context, status=form.status)
