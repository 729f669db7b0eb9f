"""Pages that resend and withdraw a project's pending invitations and show their links."""

from functools import partial

from django.http import HttpRequest, HttpResponse

from accounts.actors import Actor
from accounts.invitations.action_pages import show_link_page, show_resend_page, show_withdraw_page
from accounts.permissions import Permission
from projects.access import ProjectAccess, project_page
from projects.collaborator_views import build_context
from projects.services.invitations import (
    find_pending_invitation,
    resend_invitation,
    reveal_link,
    withdraw_invitation,
)

MANAGE = Permission.EXTERNALS_MANAGE


@project_page(MANAGE, title="Resend invitation", nav="collaborators")
def resend(request: HttpRequest, access: ProjectAccess, reference: str) -> HttpResponse:
    invitation = find_pending_invitation(access.project, reference)
    act = partial(
        resend_invitation,
        actor=Actor.of(request),
        project=access.project,
        invitation=invitation,
    )
    return show_resend_page(request, invitation, act, build_context(access, to=access.project.name))


@project_page(MANAGE, title="Withdraw invitation", nav="collaborators")
def withdraw(request: HttpRequest, access: ProjectAccess, reference: str) -> HttpResponse:
    invitation = find_pending_invitation(access.project, reference)
    act = partial(
        withdraw_invitation,
        actor=Actor.of(request),
        project=access.project,
        invitation=invitation,
    )
    return show_withdraw_page(
        request, invitation, act, build_context(access, to=access.project.name)
    )


@project_page(MANAGE, title="Invitation link", nav="collaborators")
def link(request: HttpRequest, access: ProjectAccess, reference: str) -> HttpResponse:
    invitation = find_pending_invitation(access.project, reference)
    act = partial(
        reveal_link, actor=Actor.of(request), project=access.project, invitation=invitation
    )
    return show_link_page(request, invitation, act, build_context(access, to=access.project.name))
