"""Inviting members, and what managers do with invitations nobody answered, one page an act."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.access import OrganizationAccess, organization_page
from accounts.actors import Actor
from accounts.forms import ActForm, posted
from accounts.member_forms import InviteForm
from accounts.member_views import MANAGE, list_of, shown
from accounts.models import Invitation
from accounts.services.member_invitations import (
    Invited,
    invite_members,
    pending_of,
    resend_invitation,
    reveal_link,
    withdraw_invitation,
)


@organization_page(MANAGE)
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
    return render(request, "accounts/member_invite.html", context, status=form.status)


def invited_message(invited: list[Invited], access: OrganizationAccess) -> str:
    if len(invited) == 1:
        return f"{invited[0].email} is invited to {access.organization}."
    return f"{len(invited)} people are invited to {access.organization}."


def asked(
    access: OrganizationAccess, invitation: Invitation, form: ActForm, **context: object
) -> dict[str, object]:
    return shown(access, invitation=invitation, form=form, to=access.organization.name, **context)


@organization_page(MANAGE)
def resend(request: HttpRequest, access: OrganizationAccess, reference: str) -> HttpResponse:
    invitation, form = pending_of(access.organization, reference), ActForm(posted(request))
    actor = Actor.of(request)
    if form.is_bound and form.perform(
        lambda: resend_invitation(actor=actor, invitation=invitation)
    ):
        messages.success(request, f"Invitation sent to {invitation.email} again.")
        return redirect(list_of(access))
    context = asked(access, invitation, form)
    return render(request, "accounts/invitation_resend.html", context, status=form.status)


@organization_page(MANAGE)
def withdraw(request: HttpRequest, access: OrganizationAccess, reference: str) -> HttpResponse:
    invitation, form = pending_of(access.organization, reference), ActForm(posted(request))
    actor = Actor.of(request)
    if form.is_bound and form.perform(
        lambda: withdraw_invitation(actor=actor, invitation=invitation)
    ):
        messages.success(request, f"The invitation to {invitation.email} is withdrawn.")
        return redirect(list_of(access))
    context = asked(access, invitation, form)
    return render(request, "accounts/invitation_withdraw.html", context, status=form.status)


@organization_page(MANAGE)
def link(request: HttpRequest, access: OrganizationAccess, reference: str) -> HttpResponse:
    """POST shows the link and audits it: whoever holds it can try to use it. GET only asks."""
    invitation, form = pending_of(access.organization, reference), ActForm(posted(request))
    actor, shown_link = Actor.of(request), ""
    if form.is_bound and form.perform(lambda: reveal_link(actor=actor, invitation=invitation)):
        shown_link = form.result
    context = asked(access, invitation, form, link=shown_link)
    status = 200 if shown_link else form.status
    return render(request, "accounts/invitation_link.html", context, status=status)
