"""Pages that archive and restore a project, each with its consequences."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.actors import Actor
from accounts.forms import ActionForm, get_form_data
from accounts.permissions import Permission
from projects.access import ProjectAccess, project_page
from projects.services.archive import DEFAULT_STAYS, archive_project, restore_project
from projects.services.projects import count_remaining_projects


def build_context(access: ProjectAccess, form: ActionForm, **context: object) -> dict[str, object]:
    return {
        "access": access,
        "project": access.project,
        "form": form,
        "listed": access.project.people,
        "cancel_url": reverse("project_settings", args=[access.project.slug]),
        **context,
    }


@project_page(Permission.PROJECT_ARCHIVE, title="Archive project", nav="project_settings")
def archive(request: HttpRequest, access: ProjectAccess) -> HttpResponse:
    form, actor, project = ActionForm(get_form_data(request)), Actor.of(request), access.project
    if form.is_bound and form.perform(lambda: archive_project(actor=actor, project=project)):
        messages.success(request, f"{project.name} is archived. You can restore it at any time.")
        return redirect("projects", access.organization.slug)
    context = build_context(access, form, default_stays=DEFAULT_STAYS if project.is_default else "")
    return render(request, "projects/archive.html", context, status=form.status)


@project_page(Permission.PROJECT_ARCHIVE, title="Restore project", nav="project_settings")
def restore(request: HttpRequest, access: ProjectAccess) -> HttpResponse:
    form, actor, project = ActionForm(get_form_data(request)), Actor.of(request), access.project
    if form.is_bound and form.perform(lambda: restore_project(actor=actor, project=project)):
        messages.success(request, f"{project.name} is restored. Everyone in it has access again.")
        return redirect("project", project.slug)
    context = build_context(access, form, room=count_remaining_projects(access.organization))
    return render(request, "projects/restore.html", context, status=form.status)
