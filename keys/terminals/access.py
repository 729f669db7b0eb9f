"""What a terminal opens of what its person can open in a browser: only what works now."""

from django.http import Http404

from accounts.access.organization import OrganizationAccess, find_organization_access
from accounts.models import User
from accounts.models.principals import Principal
from keys.models import KeyPolicy
from projects.models import Project
from projects.models.project import ProjectQuerySet

NO_PROJECT = "You have no project with that id. `tg projects list` shows those you can use."


def usable_projects(user: User) -> ProjectQuerySet:
    """Those `user` can work with from a terminal: not archived, in an active organization that lets
    terminals in. Each as `ProjectQuerySet.visible_to` gives it."""
    return (
        Project.objects.visible_to(Principal.of_user(user))
        .working()
        .exclude(organization__key_policy__terminal_login=False)
    )


def why_not_usable(user: User, public_id: str) -> str:
    """What to say of a project that is not among those."""
    visible = Project.objects.visible_to(Principal.of_user(user))
    project = visible.select_related("organization__key_policy").filter(public_id=public_id).first()
    if project is None:
        return NO_PROJECT
    organization = project.organization
    if organization.is_active and not project.is_archived:
        return f"{organization.name} has switched off login from a terminal."
    return organization.why_frozen or f"{project.name} is archived."


def usable_organization(user: User, public_id: str) -> OrganizationAccess | None:
    """What `user` is in that organization; None unless it is active and lets terminals in."""
    try:
        access = find_organization_access(Principal.of_user(user), public_id=public_id)
    except Http404:
        return None
    lets_in = KeyPolicy.of(access.organization).terminal_login
    return access if access.organization.is_active and lets_in else None
