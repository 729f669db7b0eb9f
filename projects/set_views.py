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
from projects.services.projects import count_remaining_projects, create_set
from projects.structures import STRUCTURES, find_structure


@organization_page(Permission.PROJECTS_CREATE, title="Set of projects", nav="projects")
def new_set(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    chosen, actor = find_structure(request.GET.get("set", "")), Actor.of(request)
    form = NewSetForm(get_form_data(request), chosen.names)
    if form.is_bound and form.perform(
        lambda **data: create_set(actor=actor, organization=access.organization, **data)
    ):
        names = ", ".join(project.name for project in form.result)
        messages.success(request, f"Ready: {names}. Add the people who work in each.")
        return redirect("projects", access.organization.slug)
    context = {
        "access": access,
        "form": form,
        "chosen": chosen,
        "structures": STRUCTURES,
        "room": count_remaining_projects(access.organization),
        "cancel_url": reverse("projects", args=[access.organization.slug]),
    }
    return render(request, "projects/new_set.html", context, status=form.status)
