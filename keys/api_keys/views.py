"""The list of a project's API keys, and creating one. Actions on one key are in `action_views.py`."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.access.decorators import READ_METHODS
from accounts.actors import Actor
from accounts.errors import Withheld
from accounts.forms import get_form_data
from accounts.permissions import Permission
from accounts.web.new_rows import mark_new
from keys.api_keys.forms import CreateKeyForm
from keys.api_keys.lists import key_list
from keys.api_keys.services import IssuedKey, create_key
from keys.policy.issuing import check_issuing
from keys.secrets import format_curl
from projects.access import ProjectAccess, project_page


@project_page(Permission.API_KEYS_SEE, READ_METHODS, title="API keys")
def api_keys(request: HttpRequest, access: ProjectAccess) -> HttpResponse:
    context = {**key_list(access, request.GET), "curl": format_key_curl(request, "YOUR_KEY")}
    return render(request, "keys/api_keys/list.html", context)


def format_key_curl(request: HttpRequest, key: str) -> str:
    """Returns a command that tries the key on the console, which answers with the key's owner in headers."""
    return format_curl(request, "api_auth", key, options="-i ")


@project_page(Permission.API_KEYS_MANAGE, title="Create API key", nav="api_keys")
def create(request: HttpRequest, access: ProjectAccess) -> HttpResponse:
    policy, why_not = check_issuing(access)
    if why_not:
        raise Withheld(why_not)
    actor, project = Actor.of(request), access.project
    form = CreateKeyForm(get_form_data(request), policy=policy)
    if form.is_bound and form.perform_once(
        partial(create_key, actor=actor, project=project), actor=actor, locate=locate_key
    ):
        if form.is_repeated:
            return form.answer(request, str)
        return secret_page(request, access, form.result)
    context = {
        "access": access,
        "project": project,
        "form": form,
        "cancel_url": reverse("api_keys", args=[project.slug]),
    }
    return render(request, "keys/api_keys/create.html", context, status=form.status)


def locate_key(issued: IssuedKey) -> str:
    return mark_new(reverse("api_keys", args=[issued.key.project.slug]), [issued.key.public_id])


def secret_page(request: HttpRequest, access: ProjectAccess, issued: IssuedKey) -> HttpResponse:
    """Renders the only page that shows the new secret. `no-store`, like every signed-in page."""
    context = {
        "access": access,
        "project": access.project,
        "key": issued.key,
        "secret": issued.secret,
        "curl": format_key_curl(request, issued.secret),
        "cancel_url": locate_key(issued),
    }
    return render(request, "keys/api_keys/secret.html", context)
