"""Roles of programs in projects: of admin API keys and of service accounts."""

from typing import TypeVar

from django.db import models
from django.db.models import Case, OuterRef, Subquery, Value, When

from accounts.enums import OrganizationState
from accounts.models import Organization
from accounts.models.principals import Principal
from accounts.permissions import ADMIN_KEY_ROLE, SERVICE_ACCOUNT_ROLE
from projects.models.counting import get_related_model

# What stands where the stored role of a membership does.
PROGRAM_ROLES = (ADMIN_KEY_ROLE, SERVICE_ACCOUNT_ROLE)
Projects = TypeVar("Projects", bound=models.QuerySet[models.Model])


def no_role() -> Value:
    return Value(None, models.CharField())


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
