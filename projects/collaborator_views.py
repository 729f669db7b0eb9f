"""Pages of Settings > Project > Collaborators: the list, and a page for each action."""

from collections.abc import Sequence
from functools import partial

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.access.decorators import READ_METHODS
from accounts.actors import Actor
from accounts.forms import ActionForm, get_form_data
from accounts.members.removal_forms import RemovalForm, describe_revoked_keys
from accounts.permissions import Permission, ProjectRole
from accounts.web.new_rows import mark_new
from projects.access import ProjectAccess, project_page
from projects.collaborator_lists import build_collaborator_list
from projects.forms import AddCollaboratorForm, RoleForm
from projects.models import Collaborator, Project
from projects.people.candidates import get_candidates_url
from projects.people.drafts import AdditionDraft
from projects.people.switches import describe_switches
from projects.services.additions import Added, Attempt, Outcome
from projects.services.collaborators import (
    DEFAULT_PROJECT,
    change_role,
    leave_project,
    may_change,
    remove_collaborator,
)

MANAGE = Permission.COLLABORATORS_MANAGE


def get_list_url(project: Project) -> str:
    return reverse("collaborators", args=[project.slug])


def build_context(access: ProjectAccess, **context: object) -> dict[str, object]:
    """Returns the context that all action pages share, with `context` added."""
    return {
        "access": access,
        "may": access.may,
        "project": access.project,
        "organization": access.organization,
        "cancel_url": get_list_url(access.project),
        **context,
    }


def find_target(access: ProjectAccess, public_id: str) -> Collaborator:
    """Returns the project's collaborator with that id.

    Raises Http404 for any other id, PermissionDenied for a person whom the caller may not change.
    """
    rows = access.project.collaborators.with_people().select_related("project")
    row = rows.filter(public_id=public_id).first()
    if row is None:
        raise Http404
    if not may_change(access, row):
        raise PermissionDenied
    return row


@project_page(Permission.COLLABORATORS_SEE, READ_METHODS, title="Collaborators")
def collaborators(request: HttpRequest, access: ProjectAccess) -> HttpResponse:
    return render(
        request, "projects/collaborators.html", build_collaborator_list(access, request.GET)
    )


@project_page(MANAGE, title="Add collaborator", nav="collaborators")
def add(request: HttpRequest, access: ProjectAccess) -> HttpResponse:
    draft, actor = AdditionDraft.parse(request.GET), Actor.of(request)
    form = AddCollaboratorForm(get_form_data(request), initial=draft.values)
    if form.is_bound and form.add(actor, access.project, partial(locate_added, access.project)):
        return form.answer(request, lambda: describe_added(form.added, access))
    context = build_context(
        access,
        form=form,
        added=describe_added(form.added, access),
        candidates_url=get_candidates_url(access),
        is_default_reason=DEFAULT_PROJECT if access.project.is_default else "",
        **describe_switches(access, form),
    )
    return render(request, "projects/collaborator_add.html", context, status=form.status)


def locate_added(project: Project, attempts: list[Attempt]) -> str:
    added = [attempt.added for attempt in attempts if attempt.added]
    if not added:
        return ""
    return mark_new(get_list_url(project), [row.public_id for row in added if row.public_id])


def describe_added(added: Sequence[Added], access: ProjectAccess) -> str:
    """Returns a message about everyone who was added or invited."""
    if len(added) == 1:
        return describe_single_addition(added[0], access)
    labels: dict[Outcome, list[str]] = {outcome: [] for outcome in Outcome}
    for addition in added:
        labels[addition.outcome].append(addition.label)
    project, sentences = access.project.name, []
    if joined := labels[Outcome.JOINED]:
        sentences.append(f"Now collaborators of {project}: {', '.join(joined)}.")
    if invited := labels[Outcome.INVITED]:
        sentences.append(
            f"Invited to {project}: {', '.join(invited)}. They get access when they accept."
        )
    if untold := labels[Outcome.UNTOLD]:
        sentences.append(
            f"Of these {len(untold)} people, members of {access.organization.name} "
            f"are now collaborators of {project}."
        )
    return " ".join(sentences)


def describe_single_addition(added: Added, access: ProjectAccess) -> str:
    project, organization = access.project.name, access.organization.name
    return {
        Outcome.JOINED: f"{added.label} is now a collaborator of {project}.",
        Outcome.INVITED: f"{added.label} is invited to {project} and gets access when they accept.",
        Outcome.UNTOLD: f"If {added.label} belongs to a member of {organization}, "
        f"they are now a collaborator of {project}.",
    }[added.outcome]


@project_page(MANAGE, title="Remove user", nav="collaborators")
def remove(request: HttpRequest, access: ProjectAccess, reference: str) -> HttpResponse:
    row, actor = find_target(access, reference), Actor.of(request)
    form = RemovalForm(get_form_data(request), keys=access.project.api_keys.made_by(row.user))
    if form.is_bound and form.perform(
        lambda **data: remove_collaborator(actor=actor, collaborator=row, **data)
    ):
        gone = f"{row.user.name} is no longer listed in {access.project.name}."
        messages.success(request, gone + describe_revoked_keys(form.result))
        return redirect(find_next_page(access, row))
    context = build_context(
        access,
        form=form,
        collaborator=row.user,
        accounts=access.project.service_accounts.created_by_user(row.user),
        is_you=access.principal.is_user(row.user_id),
        keeps_access=row.keeps_access,
    )
    return render(request, "projects/collaborator_remove.html", context, status=form.status)


def find_next_page(access: ProjectAccess, row: Collaborator) -> str:
    """Returns the URL of the list, or of the home page if the caller removed their own access."""
    if access.principal.is_user(row.user_id) and not row.keeps_access:
        return reverse("home")
    return get_list_url(access.project)


@project_page(MANAGE, title="Change role", nav="collaborators")
def role(request: HttpRequest, access: ProjectAccess, reference: str) -> HttpResponse:
    row, actor = find_target(access, reference), Actor.of(request)
    other = next(candidate for candidate in ProjectRole if candidate != row.role)
    form = RoleForm(get_form_data(request), initial={"role": other})
    if form.is_bound and form.perform(
        lambda **data: change_role(actor=actor, collaborator=row, **data)
    ):
        label = ProjectRole(form.result.role).label
        messages.success(request, f"{row.user.name} is now {label} of {access.project.name}.")
        return redirect(get_list_url(access.project))
    context = build_context(
        access,
        form=form,
        collaborator=row.user,
        current_label=ProjectRole(row.role).label,
    )
    return render(request, "projects/collaborator_role.html", context, status=form.status)


@project_page(Permission.PROJECT_LEAVE, title="Leave project", nav="collaborators")
def leave(request: HttpRequest, access: ProjectAccess) -> HttpResponse:
    form, actor = ActionForm(get_form_data(request)), Actor.of(request)
    row = access.project.collaborators.with_people().of_user(access.principal.user)
    if form.is_bound and form.perform(lambda: leave_project(actor=actor, project=access.project)):
        messages.success(request, f"You left {access.project.name}.")
        stays = row is not None and row.keeps_access
        return redirect(get_list_url(access.project) if stays else reverse("home"))
    context = build_context(
        access,
        form=form,
        row=row,
        keeps_access=row is None or row.keeps_access,
        keys=access.project.api_keys.made_by(access.principal.user).active().count(),
    )
    return render(request, "projects/collaborator_leave.html", context, status=form.status)
