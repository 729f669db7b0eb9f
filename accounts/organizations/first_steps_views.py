"""Hides the first steps, which are shown to each Owner and Admin of a new organization."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access.organization import OrganizationAccess, organization_page
from accounts.actors import Actor
from accounts.organizations.services.first_steps import hide_first_steps
from accounts.permissions import Permission


@organization_page(Permission.ORGANIZATION_SETTINGS_CHANGE, title="Hide steps")
def hide(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    organization = access.organization
    if request.method == "POST":
        hide_first_steps(actor=Actor.of(request), organization=organization)
        messages.success(request, "The first steps are hidden. You can still find them in Help.")
        return redirect("home")
    context = {"access": access, "cancel_url": reverse("home")}
    return render(request, "accounts/organizations/first_steps_hide.html", context)
