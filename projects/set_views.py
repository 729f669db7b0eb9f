"""Several projects made at once, by one of the usual structures."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access.organization import OrganizationAccess, organization_page
from accounts.actors import Actor
from accounts.forms import get_form_data
from accounts.permissions import Permission
from projects.forms import NewSetForm
from projects.services.projects import create_set, room_in
from projects.structures import STRUCTURES, structure


@organization_page(Permission.PROJECTS_CREATE, title="Set of projects", nav="projects")
def new_set(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    chosen, actor = structure(request.GET.get("set", "")), Actor.of(request)
    form = NewSetForm(get_form_data(request), chosen.names)
    if form.is_bound and form.perform(
        lambda **data: create_set(actor=actor, organization=access.organization, **data)
    ):
        made = ", ".join(project.name for project in form.result)
        messages.success(request, f"Ready: {made}. Add the people who work in each.")
        return redirect("projects", access.organization.slug)
    context = {
        "access": access,
        "form": form,
        "chosen": chosen,
        "structures": STRUCTURES,
        "room": room_in(access.organization),
        "cancel_url": reverse("projects", args=[access.organization.slug]),
    }
    return render(request, "projects/new_set.html", context, status=form.status)
