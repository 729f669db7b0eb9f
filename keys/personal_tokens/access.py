"""What a personal access token gives access to: what its owner could create it for at the moment."""

from django.http import Http404

from accounts.access.organization import OrganizationAccess, find_organization_access
from accounts.enums import OrganizationState
from accounts.models import Organization, User
from accounts.models.principals import Principal
from accounts.permissions import Permission, allows
from keys.models import PersonalToken
from projects.access import ProjectAccess, find_project_access
from projects.models import Project
from projects.models.project import ProjectQuerySet

FOR_ORGANIZATION = Permission.ORGANIZATION_TOKENS_MAKE
FOR_PROJECT = Permission.PROJECT_TOKENS_MAKE


def find_token_access(token: PersonalToken) -> OrganizationAccess | ProjectAccess | None:
    """Returns the owner's access to the token's target; None if they have none, or it is frozen.

    Raises SecondFactorMissing if the organization requires one that the owner lacks.
    """
    access: OrganizationAccess | ProjectAccess
    principal = Principal.of_user(token.user, credential=token.public_id)
    try:
        if token.project_id:
            access = find_project_access(principal, pk=token.project_id)
        else:
            access = find_organization_access(principal, pk=token.organization_id)
    except Http404:
        return None
    return access if access.allows(token.permission) else None


def list_token_organizations(user: User) -> list[Organization]:
    """Returns the organizations that `user` can create tokens for now."""
    visible = Organization.objects.visible_to(Principal.of_user(user))
    active = visible.filter(state=OrganizationState.ACTIVE)
    return [
        organization
        for organization in active.select_related("key_policy").order_by("search_text", "pk")
        if allows(organization.principal_role, FOR_ORGANIZATION)
    ]


def list_token_projects(user: User) -> ProjectQuerySet:
    """Returns the projects that `user` can create tokens for now."""
    return Project.objects.visible_to(Principal.of_user(user)).working().allowing(FOR_PROJECT)
