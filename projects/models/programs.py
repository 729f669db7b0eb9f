"""Which projects can be opened with which role: by users, admin API keys and service accounts."""

from typing import TypeVar

from django.db import models
from django.db.models import Case, OuterRef, Q, Subquery, Value, When

from accounts.enums import OrganizationState
from accounts.models import Membership, Organization, User
from accounts.models.principals import Principal
from accounts.permissions import ADMIN_KEY_ROLE, SERVICE_ACCOUNT_ROLE, OrganizationRole
from projects.models.counting import get_related_model

# What stands where the stored role of a membership does.
PROGRAM_ROLES = (ADMIN_KEY_ROLE, SERVICE_ACCOUNT_ROLE)
Projects = TypeVar("Projects", bound=models.QuerySet[models.Model])


def no_role() -> Value:
    return Value(None, models.CharField())


def opened_by_user(projects: Projects, user: User) -> Projects:
    """Returns the projects in which the user has a role; see `ProjectQuerySet.visible_to`."""
    membership = Membership.objects.filter(organization=OuterRef("organization_id"), user=user)
    listed = user.collaborations.current().filter(project=OuterRef("pk"))
    return projects.annotate(
        organization_role=Subquery(membership.values("role")[:1]),
        collaborator_role=Subquery(listed.values("role")[:1]),
    ).filter(
        Q(organization_role=OrganizationRole.OWNER)
        | (
            ~Q(organization__state=OrganizationState.CLOSED)
            & (
                Q(organization_role=OrganizationRole.ADMIN)
                | Q(organization_role=OrganizationRole.MEMBER, is_default=True)
                | Q(collaborator_role__isnull=False)
            )
        )
    )


def opened_by_admin_key(projects: Projects, principal: Principal) -> Projects:
    """Returns the projects of the key's organization; see `ProjectQuerySet.visible_to`."""
    own = Organization.objects.visible_to(principal).values("pk")
    inside = projects.filter(organization__in=own)
    return inside.annotate(organization_role=Value(ADMIN_KEY_ROLE), collaborator_role=no_role())


def opened_by_account(projects: Projects, principal: Principal) -> Projects:
    """Returns the project of a service account, if it has a role there; see `ProjectQuerySet.visible_to`.

    One that counts as external has the roles of an external collaborator.
    """
    accounts = get_related_model("service_accounts").objects.of_principal(principal)
    here = accounts.filter(project=OuterRef("pk"))
    internal = Case(
        When(counts_as_external=False, then=Value(SERVICE_ACCOUNT_ROLE)), default=no_role()
    )
    unclosed = projects.exclude(organization__state=OrganizationState.CLOSED)
    return unclosed.annotate(
        organization_role=Subquery(here.annotate(internal=internal).values("internal")[:1]),
        collaborator_role=Subquery(here.values("role")[:1]),
    ).filter(collaborator_role__isnull=False)
