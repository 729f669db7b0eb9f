"""Which of a user's projects and organizations a terminal can use: only those that are active now."""

from django.http import Http404

from accounts.access.organization import OrganizationAccess, find_organization_access
from accounts.errors import SecondFactorMissing
from accounts.models import User
from accounts.models.principals import Principal
from keys.models import KeyPolicy
from projects.access import find_project_access
from projects.models import Project
from projects.models.project import ProjectQuerySet

NO_PROJECT = "You have no project with this ID. Run `tg projects list` to see your projects."


def usable_projects(user: User) -> ProjectQuerySet:
    """Returns the projects that `user` can use from a terminal, annotated as by `ProjectQuerySet.visible_to`.

    They are not archived, and their organization is active and allows terminal login.
    """
    return (
        Project.objects.visible_to(Principal.of_user(user))
        .working()
        .exclude(organization__key_policy__terminal_login=False)
    )


def why_not_usable(user: User, public_id: str) -> str:
    """Returns why the project is not one of the usable ones."""
    visible = Project.objects.visible_to(Principal.of_user(user))
    project = visible.select_related("organization__key_policy").filter(public_id=public_id).first()
    if project is None:
        return describe_missing_factor(user, public_id) or NO_PROJECT
    organization = project.organization
    if organization.is_active and not project.is_archived:
        return f"{organization.name} has turned off terminal login."
    return organization.why_frozen or f"{project.name} is archived."


def describe_missing_factor(user: User, public_id: str) -> str:
    """Returns that the project's organization requires a second factor; empty if that is not the reason."""
    try:
        find_project_access(Principal.of_user(user), public_id=public_id)
    except SecondFactorMissing as missing:
        return str(missing)
    except Http404:
        pass
    return ""


def usable_organization(user: User, public_id: str) -> OrganizationAccess | None:
    """Returns the user's access to the organization; None unless it is active and allows terminal login.

    Raises SecondFactorMissing if it requires one that the user lacks.
    """
    try:
        access = find_organization_access(Principal.of_user(user), public_id=public_id)
    except Http404:
        return None
    lets_in = KeyPolicy.of(access.organization).terminal_login
    return access if access.organization.is_active and lets_in else None
