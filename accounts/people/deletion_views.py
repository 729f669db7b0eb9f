"""Deleting one's own account."""

from django.contrib import messages
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access.decorators import ACT, fresh_password, signed_in_page
from accounts.actors import Actor
from accounts.forms import TypedForm, posted
from accounts.people.services.deletion import (
    closing_with,
    delete_account,
    keys_closing_with,
    keys_left,
    why_not,
)


@signed_in_page(*ACT, title="Delete account")
@fresh_password
def delete(request: HttpRequest) -> HttpResponse:
    actor = Actor.of(request)
    form = TypedForm(posted(request), word=actor.person.email)
    if form.is_bound and form.perform(lambda **typed: delete_account(actor=actor)):
        logout(request)
        messages.success(request, "Your account is deleted.")
        return redirect("account_login")
    context = {
        "form": form,
        "why_not": why_not(actor.person),
        "closing": closing_with(actor.person),
        "keys": keys_closing_with(actor.person),
        "keys_left": keys_left(actor.person),
        "cancel_url": reverse("profile"),
    }
    return render(request, "accounts/people/account_delete.html", context, status=form.status)
