"""The page on which an organization invites the people in a CSV file."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.access.organization import OrganizationAccess, organization_page
from accounts.actors import Actor
from accounts.invitations.people_forms import PeopleFileForm
from accounts.invitations.previews import Preview
from accounts.invitations.services.mailing import count_remaining
from accounts.invitations.services.members import Invitee, invite_people
from accounts.members.forms import OrganizationRoleField
from accounts.members.invitation_views import locate_invited
from accounts.members.people_previews import COLUMNS, preview_members
from accounts.members.views import MANAGE, action_context


class InviteFileForm(PeopleFileForm):
    """People to invite to an organization; `role` is for those whose row has none."""

    columns = COLUMNS
    role = OrganizationRoleField(label="Role for rows without a role")

    def preview(self, access: OrganizationAccess, limit: int) -> Preview[Invitee] | None:
        """Returns what would happen to each person; None if the list can't be read."""
        if not self.is_valid():
            return None
        role = self.cleaned_data["role"]
        return preview_members(access, self.table, default=role, limit=limit)


@organization_page(MANAGE, title="Invite from CSV", nav="members")
def invite_from_file(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    """Shows what would happen to each person; once confirmed, invites everyone it can."""
    form, actor, organization = InviteFileForm(request), Actor.of(request), access.organization
    remaining = count_remaining(organization, actor.person)
    preview = form.preview(access, remaining)
    if preview and form.add_people(
        preview,
        lambda entries: invite_people(actor=actor, organization=organization, invitees=entries),
        actor=actor,
        locate=partial(locate_invited, access),
    ):
        return form.answer(request, partial(describe_invited, preview, access))
    context = action_context(
        access,
        form=form,
        preview=None if form.added else preview,
        columns=COLUMNS,
        remaining=remaining - form.added,
    )
    return render(
        request, "accounts/invitations/invite_from_file.html", context, status=form.status
    )


def describe_invited(preview: Preview[Invitee], access: OrganizationAccess) -> str:
    """Returns how many people were invited and how many rows were skipped, as a message."""
    number, refused = len(preview.entries), len(preview.refused)
    text = f"{number} {'person was' if number == 1 else 'people were'} invited to {access.organization}."
    if refused:
        text += f" {refused} {'row was' if refused == 1 else 'rows were'} skipped."
    return text
