"""Pages that change the role of several collaborators, or remove them, after a confirmation naming them."""

from functools import partial

from django.http import HttpRequest, HttpResponse

from accounts.actors import Actor
from accounts.email_addresses import format_email
from accounts.forms import get_form_data
from accounts.members.several.forms import SelectedPerson, SelectionForm
from accounts.members.several.pages import (
    RemoveSeveralForm,
    SeveralPage,
    describe_new_role,
    suggest_role,
)
from accounts.permissions import ProjectRole
from projects.access import ProjectAccess, project_page
from projects.collaborator_lists import CollaboratorListQuery
from projects.collaborator_views import MANAGE, build_context, get_list_url
from projects.forms import RoleForm
from projects.models import Collaborator
from projects.services.several import change_several_roles, explain_refusal, remove_several

Selection = SelectionForm[Collaborator]


def select_collaborators(
    access: ProjectAccess, references: list[str]
) -> list[SelectedPerson[Collaborator]]:
    """Returns the collaborators with these ids, each with the reason if they can't be changed."""
    rows = access.project.collaborators.with_people().select_related("project")
    emails = access.may.collaborator_emails_see
    return [
        SelectedPerson(
            row=row,
            reference=row.public_id,
            user=row.user,
            email=format_email(row.user.email) if emails else "",
            role=row.get_role_display(),
            why_not=explain_refusal(access, row),
        )
        for row in rows.filter(public_id__in=references)
    ]


def count_keys(access: ProjectAccess, selection: Selection) -> int:
    """Returns the number of active API keys in the project created by the people who can be removed."""
    users = [person.user for person in selection.changeable]
    return access.project.api_keys.listed().active().filter(created_by__in=users).count()


def build_back_url(request: HttpRequest, access: ProjectAccess) -> str:
    """Returns the URL of the list, with its filter."""
    return get_list_url(access.project) + CollaboratorListQuery.parse(request.GET).url()


@project_page(MANAGE, title="Change roles", nav="collaborators")
def change_roles(request: HttpRequest, access: ProjectAccess) -> HttpResponse:
    """GET asks for the role of the people selected in the list (`people`), POST changes it."""
    project, back = access.project, build_back_url(request, access)
    selection = Selection(request, partial(select_collaborators, access))
    initial = {"role": suggest_role(selection, ProjectRole)}
    form = RoleForm(get_form_data(request), initial=initial)
    change = partial(change_several_roles, actor=Actor.of(request), project=project)
    page = SeveralPage(selection, form, back, "projects/people/several_roles.html")
    return page.answer(
        request,
        lambda rows, **data: change(collaborators=rows, **data),
        describe=partial(describe_new_role, form, project.name),
        context=build_context(access),
    )


@project_page(MANAGE, title="Remove users", nav="collaborators")
def remove(request: HttpRequest, access: ProjectAccess) -> HttpResponse:
    """GET asks to confirm the people selected in the list (`people`), POST removes them."""
    project, back = access.project, build_back_url(request, access)
    selection = Selection(request, partial(select_collaborators, access))
    form = RemoveSeveralForm(get_form_data(request))
    remove_each = partial(remove_several, actor=Actor.of(request), project=project)
    page = SeveralPage(selection, form, back, "projects/people/several_remove.html")
    return page.answer(
        request,
        lambda rows, **data: remove_each(collaborators=rows, **data),
        describe=lambda who, several: (
            f"{who} {'are' if several else 'is'} no longer listed in {project.name}."
        ),
        context=build_context(access, keys=count_keys(access, selection)),
    )
