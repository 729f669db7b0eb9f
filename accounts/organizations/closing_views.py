"""Closing an organization, after showing what that affects."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access.freshness import fresh_sign_in
from accounts.access.organization import OrganizationAccess, organization_page
from accounts.actors import Actor
from accounts.forms import TypedForm, get_form_data
from accounts.models import Organization
from accounts.organizations.services.closing import close_organization, get_api_keys
from accounts.permissions import Permission


def count_affected(organization: Organization) -> dict[str, Any]:
    """Counts what closing the organization affects. Rows of higher apps are reached by reverse relations."""
    projects = organization.projects.unarchived()
    externals = organization.projects.filter(
        collaborators__isnull=False, collaborators__membership=None
    )
    return {
        "projects": projects.count(),
        "members": organization.memberships.count(),
        "externals": externals.values("collaborators__user").distinct().count(),
        "invitations": organization.invitations.pending().count(),
        "keys": get_api_keys(organization).active().count(),
    }


@organization_page(
    Permission.ORGANIZATION_CLOSE, title="Close organization", nav="organization_settings"
)
@fresh_sign_in
def close(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    organization, actor = access.organization, Actor.of(request)
    form = TypedForm(get_form_data(request), word=organization.slug)
    if form.is_bound and form.perform(
        lambda **typed: close_organization(actor=actor, organization=organization)
    ):
        messages.success(request, f"{organization.name} is closed.")
        return redirect("organization", organization.slug)
    context = {
        "access": access,
        "form": form,
        "stops": count_affected(organization),
        "cancel_url": reverse("organization_settings", args=[organization.slug]),
    }
    return render(request, "accounts/organizations/close.html", context, status=form.status)
