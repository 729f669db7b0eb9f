"""Pages of an organization's admin API keys: the list, creating one, revoking one."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access.decorators import READ_METHODS
from accounts.access.freshness import fresh_sign_in
from accounts.access.organization import OrganizationAccess, organization_page
from accounts.actors import Actor
from accounts.forms import get_form_data
from accounts.permissions import Permission
from keys.admin_keys.forms import CreateAdminKeyForm, RevokeCredentialForm
from keys.admin_keys.lists import admin_key_list
from keys.admin_keys.services import IssuedAdminKey, create_admin_key, revoke_admin_key
from keys.models.lineage import Lineage
from keys.secrets import format_curl

NAV = "organization_keys"


@organization_page(Permission.ADMIN_KEYS_SEE, READ_METHODS, title="Admin API keys", nav=NAV)
def admin_keys(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    return render(request, "keys/admin_keys/list.html", admin_key_list(access, request.GET))


@organization_page(Permission.ADMIN_KEYS_MANAGE, title="Create admin API key", nav=NAV)
@fresh_sign_in
def create(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    actor, organization = Actor.of(request), access.organization
    here = reverse("admin_keys", args=[organization.slug])
    form = CreateAdminKeyForm(get_form_data(request))
    if form.is_bound and form.perform_once(
        lambda **data: create_admin_key(actor=actor, organization=organization, **data),
        actor=actor,
        locate=lambda issued: here,
    ):
        if form.is_repeated:
            return form.answer(request, str)
        return secret_page(request, access, form.result)
    context = {"access": access, "form": form, "cancel_url": here}
    return render(request, "keys/admin_keys/create.html", context, status=form.status)


def secret_page(
    request: HttpRequest, access: OrganizationAccess, issued: IssuedAdminKey
) -> HttpResponse:
    """Renders the only page that shows the secret. `no-store`, like every signed-in page."""
    context = {
        "access": access,
        "key": issued.key,
        "secret": issued.secret,
        "curl": format_curl(request, "api_admin_keys", issued.secret),
        "cancel_url": reverse("admin_keys", args=[access.organization.slug]),
    }
    return render(request, "keys/admin_keys/secret.html", context)


@organization_page(Permission.ADMIN_KEYS_MANAGE, title="Revoke admin API key", nav=NAV)
def revoke(request: HttpRequest, access: OrganizationAccess, reference: str) -> HttpResponse:
    organization, actor = access.organization, Actor.of(request)
    key = organization.admin_keys.filter(public_id=reference).first()
    if key is None:
        raise Http404
    lineage = Lineage(organization, [key])
    form = RevokeCredentialForm(get_form_data(request), lineage)
    here = reverse("admin_keys", args=[organization.slug])
    if form.is_bound and form.perform(
        lambda **data: revoke_admin_key(actor=actor, organization=organization, key=key, **data)
    ):
        messages.success(request, f"{key.name} was revoked.")
        return redirect(here)
    context = {
        "access": access,
        "form": form,
        "key": key,
        "lineage": lineage,
        "invitations": organization.invitations.sent_with([key.public_id]).count(),
        "cancel_url": here,
    }
    return render(request, "keys/admin_keys/revoke.html", context, status=form.status)
