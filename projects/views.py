"""Pages of projects: overview, settings, the organization's list, new projects."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access.decorators import READ_METHODS
from accounts.access.organization import OrganizationAccess, organization_page
from accounts.actors import Actor
from accounts.forms import get_form_data
from accounts.permissions import Permission
from accounts.web.new_rows import mark_new
from projects.access import ProjectAccess, project_page
from projects.forms import NewProjectForm, NewSetForm, ProjectForm, SlugForm
from projects.lists import build_project_list
from projects.models import Project
from projects.people.drafts import AdditionDraft
from projects.services.projects import (
    change_project,
    change_slug,
    count_remaining_projects,
    create_project,
    create_set,
    get_settings,
)
from projects.structures import STRUCTURES, find_structure
from projects.tags.periods import list_tags


@project_page(Permission.PROJECT_SEE, READ_METHODS, title="Overview")
def overview(request: HttpRequest, access: ProjectAccess) -> HttpResponse:
    context = {"access": access, "project": access.project}
    return render(request, "projects/project.html", context)


@project_page(Permission.PROJECT_SETTINGS_READ, title="Settings")
def settings(request: HttpRequest, access: ProjectAccess) -> HttpResponse:
    form = ProjectForm(get_form_data(request), initial=get_settings(access.project))
    draft = AdditionDraft.parse(request.GET)
    if request.method == "POST":
        access.require(Permission.PROJECT_SETTINGS_CHANGE)
        actor, project = Actor.of(request), access.project
        if form.perform(lambda **data: change_project(actor=actor, project=project, **data)):
            messages.success(request, "Settings saved.")
            page = "collaborator_add" if draft.email else "project_settings"
            return redirect(draft.extend_url(reverse(page, args=[project.slug])))
    context = {
        "access": access,
        "project": access.project,
        "organization": access.organization,
        "form": form,
        "draft": draft,
        "tags": list_tags(access.project),
    }
    return render(request, "projects/settings.html", context, status=form.status)


@project_page(Permission.PROJECT_SETTINGS_CHANGE, title="Change slug", nav="project_settings")
def slug(request: HttpRequest, access: ProjectAccess) -> HttpResponse:
    project, actor = access.project, Actor.of(request)
    form = SlugForm(get_form_data(request), initial={"slug": project.slug})
    if form.is_bound and form.perform(
        lambda **data: change_slug(actor=actor, project=project, **data)
    ):
        messages.success(request, f"The slug of {project.name} is now {form.result.slug}.")
        return redirect("project_settings", form.result.slug)
    context = {
        "access": access,
        "project": project,
        "form": form,
        "former": project.former_slugs(),
        "cancel_url": reverse("project_settings", args=[project.slug]),
    }
    return render(request, "projects/slug.html", context, status=form.status)


@organization_page(Permission.PROJECTS_SEE, READ_METHODS, title="Projects")
def projects(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    return render(request, "projects/projects.html", build_project_list(access, request.GET))


@organization_page(Permission.PROJECTS_CREATE, title="New project", nav="projects")
def new(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    form, actor = NewProjectForm(get_form_data(request)), Actor.of(request)
    if form.is_bound and form.perform_once(
        lambda **data: create_project(actor=actor, organization=access.organization, **data),
        actor=actor,
        locate=lambda project: reverse("project", args=[project.slug]),
    ):
        ready = "{} is ready. Add the people who work in it."
        return form.answer(request, lambda: ready.format(form.result.name))
    context = {
        "access": access,
        "form": form,
        "room": count_remaining_projects(access.organization),
        "structures": STRUCTURES,
        "cancel_url": reverse("projects", args=[access.organization.slug]),
    }
    return render(request, "projects/new.html", context, status=form.status)


@organization_page(Permission.PROJECTS_CREATE, title="Set of projects", nav="projects")
def new_set(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    chosen, actor = find_structure(request.GET.get("set", "")), Actor.of(request)
    form = NewSetForm(get_form_data(request), chosen.names)
    if form.is_bound and form.perform_once(
        lambda **data: create_set(actor=actor, organization=access.organization, **data),
        actor=actor,
        locate=lambda created: mark_new(
            reverse("projects", args=[access.organization.slug]),
            [project.public_id for project in created],
        ),
    ):
        return form.answer(request, lambda: describe_set(form.result))
    context = {
        "access": access,
        "form": form,
        "chosen": chosen,
        "structures": STRUCTURES,
        "room": count_remaining_projects(access.organization),
        "cancel_url": reverse("projects", args=[access.organization.slug]),
    }
    return render(request, "projects/new_set.html", context, status=form.status)


def describe_set(projects: list[Project]) -> str:
    names = ", ".join(project.name for project in projects)
    return f"Created {names}. Add the people who work in each project."
