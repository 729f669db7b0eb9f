"""Pages of the Organization Default Key, for the Owner alone; its two actions require a fresh password."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from accounts.access.decorators import READ_METHODS
from accounts.access.freshness import fresh_sign_in
from accounts.access.organization import OrganizationAccess, organization_page
from accounts.actors import Actor
from accounts.forms import ActionForm, get_form_data
from accounts.permissions import Permission
from keys.api_keys.forms import RegenerateForm
from keys.default_key.services import regenerate_default_key, reveal_default_key


def build_context(access: OrganizationAccess, **context: Any) -> dict[str, Any]:
    default = access.organization.projects.default()
    key = default.api_keys.default_key()
    return {
        "access": access,
        "default": default,
        "key": key,
        "keys": [key],
        "current": key.secrets.current().select_related("created_by").get(),
        "cancel_url": reverse("default_key", args=[access.organization.slug]),
        **context,
    }


@organization_page(
    Permission.DEFAULT_KEY_MANAGE, READ_METHODS, title="Default Key", nav="organization_settings"
)
def default_key(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    return render(request, "keys/default_key/default_key.html", build_context(access))


@organization_page(
    Permission.DEFAULT_KEY_MANAGE, title="Reveal Default Key", nav="organization_settings"
)
@fresh_sign_in
def reveal(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    form, actor = ActionForm(get_form_data(request)), Actor.of(request)
    if form.is_bound and form.perform(
        lambda: reveal_default_key(actor=actor, organization=access.organization)
    ):
        context = build_context(access, secret=form.result.secret)
        return render(request, "keys/default_key/secret.html", context)
    context = build_context(access, form=form)
    return render(request, "keys/default_key/reveal.html", context, status=form.status)


@organization_page(
    Permission.DEFAULT_KEY_MANAGE, title="Regenerate Default Key", nav="organization_settings"
)
@fresh_sign_in
def regenerate(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    context, actor = build_context(access), Actor.of(request)
    form = RegenerateForm(get_form_data(request), initial={"replaces": context["key"].generation})
    if form.is_bound and form.perform(
        lambda **data: regenerate_default_key(actor=actor, organization=access.organization, **data)
    ):
        context = build_context(access, secret=form.result.secret, is_new=True)
        return render(request, "keys/default_key/secret.html", context)
    context |= {"form": form}
    return render(request, "keys/default_key/regenerate.html", context, status=form.status)
