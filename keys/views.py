"""The project's API keys page, and making a key. Acts on one key are in `key_views.py`."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.actors import Actor
from accounts.doors import READ
from accounts.errors import Withheld
from accounts.forms import posted
from accounts.permissions import Permission
from keys.forms import CreateKeyForm
from keys.key_lists import key_list
from keys.policies import issuing
from keys.services.keys import create_key
from projects.access import ProjectAccess, project_page


@project_page(Permission.API_KEYS_SEE, READ)
def api_keys(request: HttpRequest, access: ProjectAccess) -> HttpResponse:
    return render(request, "keys/api_keys.html", key_list(access, request.GET))


@project_page(Permission.API_KEYS_MANAGE)
def create(request: HttpRequest, access: ProjectAccess) -> HttpResponse:
    policy, why_not = issuing(access)
    if why_not:
        raise Withheld(why_not)
    actor, project = Actor.of(request), access.project
    form = CreateKeyForm(posted(request), policy=policy)
    context = {
        "access": access,
        "project": project,
        "form": form,
        "cancel_url": reverse("api_keys", args=[project.slug]),
    }
    if form.is_bound and form.perform(
        lambda **data: create_key(actor=actor, project=project, **data)
    ):
        context |= {"key": form.result.key, "secret": form.result.secret}
        return render(request, "keys/api_key_secret.html", context)
    return render(request, "keys/api_key_create.html", context, status=form.status)
