"""The profile page of the signed-in user."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.access.decorators import FORM_METHODS, signed_in_page
from accounts.actors import Actor
from accounts.forms import ProfileForm, get_form_data
from accounts.people.services.people import change_profile


@signed_in_page(*FORM_METHODS, title="Profile", in_search=True)
def profile(request: HttpRequest) -> HttpResponse:
    actor = Actor.of(request)
    form = ProfileForm(get_form_data(request), initial={"name": actor.person.name})
    if form.is_bound and form.perform(lambda **data: change_profile(actor=actor, **data)):
        messages.success(request, "Profile saved.")
        return redirect("profile")
    context = {"form": form, "home": actor.person.home_organization}
    return render(request, "accounts/people/profile.html", context, status=form.status)
