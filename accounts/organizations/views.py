"""Pages of organizations, and the page of roles."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access.decorators import FORM_METHODS, READ_METHODS, signed_in_page
from accounts.access.organization import OrganizationAccess, organization_page
from accounts.actors import Actor
from accounts.forms import NewOrganizationForm, OrganizationForm, get_form_data
from accounts.models.principals import Principal
from accounts.organizations.lists import build_organization_list
from accounts.organizations.role_matrix import RULES, build_matrix
from accounts.organizations.services.organizations import change_organization, create_organization
from accounts.permissions import Permission


@organization_page(Permission.ORGANIZATION_SEE, READ_METHODS, title="Overview")
def overview(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    keys = access.organization.projects.active_keys() if access.may.organization_keys_see else None
    context = {
        "access": access,
        "owner": access.organization.memberships.owner(),
        "active_keys": keys,
    }
    return render(request, "accounts/organizations/overview.html", context)


@organization_page(Permission.ORGANIZATION_SETTINGS_READ, title="Settings")
def settings(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    form = OrganizationForm(get_form_data(request), initial={"name": access.organization.name})
    if request.method == "POST":
        access.require(Permission.ORGANIZATION_SETTINGS_CHANGE)
        actor, organization = Actor.of(request), access.organization
        if form.perform(
            lambda **data: change_organization(actor=actor, organization=organization, **data)
        ):
            messages.success(request, "Settings saved.")
            return redirect("organization_settings", organization.slug)
    context = {"access": access, "form": form}
    return render(request, "accounts/organizations/settings.html", context, status=form.status)


@signed_in_page(*READ_METHODS, title="Organizations", in_search=True, viewable=True)
def organizations(request: HttpRequest) -> HttpResponse:
    """Lists the organizations that the user belongs to or works in, searched by name."""
    context = build_organization_list(Principal.of_request(request), request.GET)
    return render(request, "accounts/organizations/list.html", context)


@signed_in_page(*FORM_METHODS, title="New organization")
def new_organization(request: HttpRequest) -> HttpResponse:
    form, actor = NewOrganizationForm(get_form_data(request)), Actor.of(request)
    if form.is_bound and form.perform_once(
        lambda **data: create_organization(actor=actor, **data),
        actor=actor,
        locate=lambda created: reverse("organization", args=[created.slug]),
    ):
        return form.answer(request, lambda: f"{form.result.name} is ready. Invite your team next.")
    context = {"form": form, "cancel_url": reverse("organizations")}
    return render(request, "accounts/organizations/new.html", context, status=form.status)


@signed_in_page(*READ_METHODS, title="Roles", in_search=True)
def roles(request: HttpRequest) -> HttpResponse:
    return render(
        request, "accounts/organizations/roles.html", {"tables": build_matrix(), "rules": RULES}
    )
