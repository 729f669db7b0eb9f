"""Inviting members, and what managers do with invitations nobody answered, one page an act."""

from functools import partial

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.access.organization import OrganizationAccess, organization_page
from accounts.actors import Actor
from accounts.forms import posted
from accounts.invitations.act_pages import link_page, resend_page, withdraw_page
from accounts.invitations.services.members import (
    Invited,
    invite_members,
    pending_of,
    resend_invitation,
    reveal_link,
    withdraw_invitation,
)
from accounts.members.forms import InviteForm
from accounts.members.views import MANAGE, list_of, shown


@organization_page(MANAGE, title="Invite member", nav="members")
def invite(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    """Those that can be are invited; the others stay in the form, each with the reason."""
    form = InviteForm(posted(request), organization=access.organization)
    actor = Actor.of(request)
    if form.is_bound and form.perform(
        lambda **data: invite_members(actor=actor, organization=access.organization, **data)
    ):
        if not form.refused:
            messages.success(request, invited_message(form.result, access))
            return redirect(list_of(access))
        form = form.with_refused()
    context = shown(access, form=form)
    return render(request, "accounts/invitations/invite.html", context, status=form.status)


def invited_message(invited: list[Invited], access: OrganizationAccess) -> str:
    if len(invited) == 1:
        return f"{invited[0].email} is invited to {access.organization}."
    return f"{len(invited)} people are invited to {access.organization}."


@organization_page(MANAGE, title="Resend invitation", nav="members")
def resend(request: HttpRequest, access: OrganizationAccess, reference: str) -> HttpResponse:
    invitation = pending_of(access.organization, reference)
    act = partial(resend_invitation, actor=Actor.of(request), invitation=invitation)
    return resend_page(request, invitation, act, shown(access, to=access.organization.name))


@organization_page(MANAGE, title="Withdraw invitation", nav="members")
def withdraw(request: HttpRequest, access: OrganizationAccess, reference: str) -> HttpResponse:
    invitation = pending_of(access.organization, reference)
    act = partial(withdraw_invitation, actor=Actor.of(request), invitation=invitation)
    return withdraw_page(request, invitation, act, shown(access, to=access.organization.name))


@organization_page(MANAGE, title="Invitation link", nav="members")
def link(request: HttpRequest, access: OrganizationAccess, reference: str) -> HttpResponse:
    invitation = pending_of(access.organization, reference)
    act = partial(reveal_link, actor=Actor.of(request), invitation=invitation)
    return link_page(request, invitation, act, shown(access, to=access.organization.name))
