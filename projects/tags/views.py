"""The page that changes the tags of a project."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.actors import Actor
from accounts.forms import get_form_data
from accounts.permissions import Permission
from projects.access import ProjectAccess, project_page
from projects.tags.forms import TagsForm
from projects.tags.periods import get_tags, list_tags
from projects.tags.services import change_project_tags

SAVED = "Tags saved. Changes count from 00:00 UTC tomorrow."
UNCHANGED = "The tags stay as they were."


@project_page(Permission.PROJECT_SETTINGS_CHANGE, title="Edit tags", nav="project_settings")
def tags(request: HttpRequest, access: ProjectAccess) -> HttpResponse:
    project, actor = access.project, Actor.of(request)
    form = TagsForm(get_form_data(request), get_tags(project))
    if form.is_bound and form.perform(
        lambda **data: change_project_tags(actor=actor, project=project, **data)
    ):
        messages.success(request, SAVED if form.result else UNCHANGED)
        return redirect("project_settings", project.slug)
    context = {
        "access": access,
        "project": project,
        "form": form,
        "tags": list_tags(project),
        "cancel_url": reverse("project_settings", args=[project.slug]),
    }
    return render(request, "projects/tags/edit.html", context, status=form.status)
