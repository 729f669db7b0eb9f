"""What budgets are for, and who may see them."""

from dataclasses import dataclass
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import Organization, User
from accounts.permissions import (
    MEMBER_ROLES,
    OrganizationRole,
    Permission,
    ProjectRole,
    allows,
    project_role,
)
from keys.enums import SpendScope
from keys.models import ApiKey
from projects.models import Collaborator, Project, ServiceAccount
from usage.models import Budget


@dataclass(frozen=True)
class Subject:
    """What a budget is for. Without any of the others it is the organization."""

    organization: Organization
    project: Project | None = None
    api_key: ApiKey | None = None
    user: User | None = None
    service_account: ServiceAccount | None = None

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of `Budget` that say so."""
        for scope, row in self.targets.items():
            if row is not None:
                column = scope.name.lower() if scope != SpendScope.PERSON else "user"
                return {"scope": scope, "target": row.pk, column: row}
        return {"scope": SpendScope.ORGANIZATION, "target": self.organization.pk}

    @property
    def targets(self) -> dict[SpendScope, Any]:
        return {
            SpendScope.PROJECT: self.project,
            SpendScope.API_KEY: self.api_key,
            SpendScope.PERSON: self.user,
            SpendScope.SERVICE_ACCOUNT: self.service_account,
        }

    @property
    def name(self) -> str:
        """The name of what it is for."""
        row = next((row for row in self.targets.values() if row is not None), self.organization)
        name: str = row.name
        return name

    @property
    def home(self) -> Project | None:
        """The project that the subject is, or belongs to; None for the organization and its people."""
        owned = self.api_key or self.service_account
        return owned.project if owned else self.project

    @classmethod
    def of(cls, budget: Budget) -> "Subject":
        return cls(
            budget.organization, budget.project, budget.api_key, budget.user, budget.service_account
        )


def find_viewers(subject: Subject) -> QuerySet[User]:
    """Returns the people who may see the budgets of a subject: all of them are members."""
    members = subject.organization.memberships.filter(build_viewer_condition(subject.home))
    return User.objects.filter(pk__in=members.values("user"), is_active=True)


def build_viewer_condition(project: Project | None) -> Q:
    """Returns the condition that a membership lets a person see the budgets of a project.

    Without a project, those of the organization.
    """
    if project is None:
        roles = [
            role for role in OrganizationRole if allows(MEMBER_ROLES[role], Permission.BUDGETS_SEE)
        ]
        return Q(role__in=roles)
    condition = Q(pk__in=())
    collaborators = Collaborator.objects.current().filter(project=project)
    for role in OrganizationRole:
        if sees_budgets(project_role(role, None, is_default=project.is_default)):
            condition |= Q(role=role)
        for listed in ProjectRole:
            if sees_budgets(project_role(role, listed, is_default=project.is_default)):
                people = collaborators.filter(role=listed).values("user")
                condition |= Q(role=role, user__in=people)
    return condition


def sees_budgets(role: Any) -> bool:
    return role is not None and allows(role, Permission.PROJECT_BUDGETS_SEE)
