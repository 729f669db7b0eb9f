"""Pages for inviting members, and for resending, withdrawing and copying invitations."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.access.organization import OrganizationAccess, organization_page
from accounts.actors import Actor
from accounts.forms import get_form_data
from accounts.invitations.action_pages import show_link_page, show_resend_page, show_withdraw_page
from accounts.invitations.services.members import (
    InvitationResult,
    find_pending_invitation,
    invite_members,
    resend_invitation,
    reveal_link,
    withdraw_invitation,
)
from accounts.members.forms import InviteForm
from accounts.members.views import MANAGE, action_context, members_url
from accounts.web.new_rows import mark_new


@organization_page(MANAGE, title="Invite member", nav="members")
def invite(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    """Invites everyone it can. Refused addresses stay in the form, each with the reason."""
    form = InviteForm(get_form_data(request), organization=access.organization)
    actor = Actor.of(request)
    if form.is_bound and form.perform_once(
        partial(invite_members, actor=actor, organization=access.organization),
        actor=actor,
        locate=partial(locate_invited, access),
    ):
        if form.is_repeated or not form.refused:
            return form.answer(request, lambda: describe_invited(form.result, access))
        form = form.with_refused()
    context = action_context(access, form=form)
    return render(request, "accounts/invitations/invite.html", context, status=form.status)


def locate_invited(access: OrganizationAccess, results: list[InvitationResult]) -> str:
    new = [result.public_id for result in results if result.public_id]
    return mark_new(members_url(access), new) if new else ""


def describe_invited(invited: list[InvitationResult], access: OrganizationAccess) -> str:
    if len(invited) == 1:
        return f"{invited[0].email} was invited to {access.organization}."
    return f"{len(invited)} people were invited to {access.organization}."


@organization_page(MANAGE, title="Resend invitation", nav="members")
def resend(request: HttpRequest, access: OrganizationAccess, reference: str) -> HttpResponse:
    invitation = find_pending_invitation(access.organization, reference)
    action = partial(resend_invitation, actor=Actor.of(request), invitation=invitation)
    return show_resend_page(
        request, invitation, action, action_context(access, to=access.organization.name)
    )


@organization_page(MANAGE, title="Withdraw invitation", nav="members")
def withdraw(request: HttpRequest, access: OrganizationAccess, reference: str) -> HttpResponse:
    invitation = find_pending_invitation(access.organization, reference)
    action = partial(withdraw_invitation, actor=Actor.of(request), invitation=invitation)
    return show_withdraw_page(
        request, invitation, action, action_context(access, to=access.organization.name)
    )


@organization_page(MANAGE, title="Invitation link", nav="members")
def link(request: HttpRequest, access: OrganizationAccess, reference: str) -> HttpResponse:
    invitation = find_pending_invitation(access.organization, reference)
    action = partial(reveal_link, actor=Actor.of(request), invitation=invitation)
    return show_link_page(
        request, invitation, action, action_context(access, to=access.organization.name)
    )
