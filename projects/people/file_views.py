"""The page on which a project adds the people in a CSV file."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.actors import Actor
from accounts.invitations.people_forms import PeopleFileForm
from accounts.invitations.previews import Preview
from accounts.invitations.services.mailing import count_remaining
from projects.access import ProjectAccess, project_page
from projects.collaborator_views import MANAGE, build_context, locate_added
from projects.forms import RoleField
from projects.people.previews import COLUMNS, preview_collaborators
from projects.services.additions import Addition, add_people
from projects.services.collaborators import DEFAULT_PROJECT


class AddFileForm(PeopleFileForm):
    """People to add to a project; `role` is for those whose row has none."""

    columns = COLUMNS
    role = RoleField(label="Role for rows without a role")

    def preview(self, access: ProjectAccess, limit: int) -> Preview[Addition] | None:
        """Returns what would happen to each person; None if no one can be added."""
        if not self.is_valid():
            return None
        if access.project.is_default:
            self.refuse(DEFAULT_PROJECT)
            return None
        role = self.cleaned_data["role"]
        return preview_collaborators(access, self.table, role=role, limit=limit)


@project_page(MANAGE, title="Add from CSV", nav="collaborators")
def add_from_file(request: HttpRequest, access: ProjectAccess) -> HttpResponse:
    """Shows what would happen to each person; once confirmed, adds everyone it can."""
    form, actor, project = AddFileForm(request), Actor.of(request), access.project
    remaining = count_remaining(access.organization, actor.person)
    preview = form.preview(access, remaining)
    if preview and form.add_people(
        preview,
        lambda entries: add_people(actor=actor, project=project, additions=entries),
        actor=actor,
        locate=partial(locate_added, project),
    ):
        return form.answer(request, partial(describe_added, preview, access))
    context = build_context(
        access,
        form=form,
        preview=None if form.added else preview,
        columns=COLUMNS,
        remaining=remaining,
    )
    return render(request, "projects/people/add_from_file.html", context, status=form.status)


def describe_added(preview: Preview[Addition], access: ProjectAccess) -> str:
    """Returns how many people were added and how many rows were skipped, as a message."""
    project, number = access.project.name, len(preview.entries)
    if access.may.externals_manage:
        text = f"{number} {'person was' if number == 1 else 'people were'} added or invited to {project}."
    else:
        text = f"Those who are members of {access.organization.name} are now collaborators of {project}."
    if refused := len(preview.refused):
        text += f" {refused} {'row was' if refused == 1 else 'rows were'} skipped."
    return text
