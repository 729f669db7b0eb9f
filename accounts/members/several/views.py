"""Pages that change the role of several members, or remove them, after a confirmation that names them."""

from functools import partial

from django.http import HttpRequest, HttpResponse

from accounts.access.organization import OrganizationAccess, organization_page
from accounts.actors import Actor
from accounts.forms import get_form_data
from accounts.members.forms import MemberRoleForm
from accounts.members.lists import MemberListQuery
from accounts.members.services import list_admin_keys
from accounts.members.several.forms import SelectedPerson, SelectionForm
from accounts.members.several.pages import (
    RemoveSeveralForm,
    SeveralPage,
    describe_new_role,
    suggest_role,
)
from accounts.members.several.services import (
    change_roles_of_members,
    count_active_keys,
    explain_refusal,
    remove_several_members,
)
from accounts.members.views import MANAGE, action_context, members_url
from accounts.models import Membership
from accounts.permissions import OrganizationRole

Selection = SelectionForm[Membership]


def select_members(
    access: OrganizationAccess, references: list[str]
) -> list[SelectedPerson[Membership]]:
    """Returns the members with these ids, each with the reason if they can't be changed."""
    rows = access.organization.memberships.with_users().filter(user__public_id__in=references)
    return [
        SelectedPerson(
            row=row,
            reference=row.user.public_id,
            user=row.user,
            email=row.user.email,
            role=row.get_role_display(),
            why_not=explain_refusal(access, row),
        )
        for row in rows
    ]


def count_keys(access: OrganizationAccess, selection: Selection) -> int:
    """Returns the number of active API keys created by the people who can be removed."""
    users = [person.user for person in selection.changeable]
    return count_active_keys(access.organization, users)


def build_back_url(request: HttpRequest, access: OrganizationAccess) -> str:
    """Returns the URL of the list, with its filter."""
    return members_url(access) + MemberListQuery.parse(request.GET).url()


@organization_page(MANAGE, title="Change roles", nav="members")
def change_roles(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    """GET asks for the role of the members selected in the list (`people`), POST changes it."""
    organization, back = access.organization, build_back_url(request, access)
    selection = Selection(request, partial(select_members, access))
    admin_keys = list_admin_keys(organization, [person.user for person in selection.changeable])
    initial = {"role": suggest_role(selection, OrganizationRole)}
    form = MemberRoleForm(get_form_data(request), initial=initial, admin_keys=admin_keys)
    change = partial(change_roles_of_members, actor=Actor.of(request), organization=organization)
    page = SeveralPage(selection, form, back, "accounts/members/several/roles.html")
    return page.answer(
        request,
        lambda rows, **data: change(memberships=rows, **data),
        describe=partial(describe_new_role, form, organization.name),
        context=action_context(access, admin_keys=admin_keys),
    )


@organization_page(MANAGE, title="Remove members", nav="members")
def remove_several(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    """GET asks to confirm the members selected in the list (`people`), POST removes them."""
    organization, back = access.organization, build_back_url(request, access)
    selection = Selection(request, partial(select_members, access))
    form = RemoveSeveralForm(get_form_data(request))
    remove = partial(remove_several_members, actor=Actor.of(request), organization=organization)
    page = SeveralPage(selection, form, back, "accounts/members/several/remove.html")
    return page.answer(
        request,
        lambda rows, **data: remove(memberships=rows, **data),
        describe=lambda who, several: (
            f"{who} {'were' if several else 'was'} removed from {organization}."
        ),
        context=action_context(access, keys=count_keys(access, selection)),
    )
