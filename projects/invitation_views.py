"""What managers of a project do with its pending invitations, one page an act."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.actors import Actor
from accounts.forms import ActForm, posted
from accounts.models import Invitation
from accounts.permissions import Permission
from projects.access import ProjectAccess, project_page
from projects.collaborator_views import shown
from projects.services.invitations import (
    pending_of,
    resend_invitation,
    reveal_link,
    withdraw_invitation,
)

MANAGE = Permission.EXTERNALS_MANAGE


def asked(
    access: ProjectAccess, invitation: Invitation, form: ActForm, **context: object
) -> dict[str, object]:
    return shown(access, invitation=invitation, form=form, to=access.project.name, **context)


@project_page(MANAGE)
def resend(request: HttpRequest, access: ProjectAccess, reference: str) -> HttpResponse:
    invitation, form = pending_of(access.project, reference), ActForm(posted(request))
    actor = Actor.of(request)
    if form.is_bound and form.perform(
        lambda: resend_invitation(actor=actor, project=access.project, invitation=invitation)
    ):
        messages.success(request, f"Invitation sent to {invitation.email} again.")
        return redirect("collaborators", access.project.slug)
    context = asked(access, invitation, form)
    return render(request, "accounts/invitation_resend.html", context, status=form.status)


@project_page(MANAGE)
def withdraw(request: HttpRequest, access: ProjectAccess, reference: str) -> HttpResponse:
    invitation, form = pending_of(access.project, reference), ActForm(posted(request))
    actor = Actor.of(request)
    if form.is_bound and form.perform(
        lambda: withdraw_invitation(actor=actor, project=access.project, invitation=invitation)
    ):
        messages.success(request, f"The invitation to {invitation.email} is withdrawn.")
        return redirect("collaborators", access.project.slug)
    context = asked(access, invitation, form)
    return render(request, "accounts/invitation_withdraw.html", context, status=form.status)


@project_page(MANAGE)
def link(request: HttpRequest, access: ProjectAccess, reference: str) -> HttpResponse:
    """POST shows the link and audits it: whoever holds it can try to use it. GET only asks."""
    invitation, form = pending_of(access.project, reference), ActForm(posted(request))
    actor, shown_link = Actor.of(request), ""
    if form.is_bound and form.perform(
        lambda: reveal_link(actor=actor, project=access.project, invitation=invitation)
    ):
        shown_link = form.result
    context = asked(access, invitation, form, link=shown_link)
    status = 200 if shown_link else form.status
    return render(request, "accounts/invitation_link.html", context, status=status)
