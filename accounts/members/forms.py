"""Forms of the members page: changing a role, and inviting several people at once."""

import re
from collections.abc import Sequence
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from accounts.forms import ActionForm, CreatingForm
from accounts.invitations.addresses import AddressesFormField
from accounts.invitations.services.members import InvitationResult
from accounts.members.role_choices import ORGANIZATION_ROLE_DESCRIPTIONS, DescribedRadioSelect
from accounts.models import Organization
from accounts.permissions import (
    GRANTABLE_ORGANIZATION_ROLES,
    OrganizationRole,
    ProjectRole,
)

PROJECTS_OFFERED = 50
REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,100}")
NO_PROJECT = "You can't add people to “%(text)s”. Choose one of the listed projects."


class OrganizationRoleField(forms.TypedChoiceField):
    """A role that can be granted in an organization. Ownership is not one: it is offered."""

    def __init__(self, *, label: str = "Role") -> None:
        super().__init__(
            label=label,
            choices=[(role.value, role.label) for role in GRANTABLE_ORGANIZATION_ROLES][::-1],
            widget=DescribedRadioSelect(ORGANIZATION_ROLE_DESCRIPTIONS),
            coerce=OrganizationRole,
            initial=OrganizationRole.MEMBER,
        )


class MemberRoleForm(ActionForm):
    """A new role. `admin_keys` are the admin API keys of those concerned, which a Member can't see."""

    role = OrganizationRoleField()
    revoke_admin_keys = forms.BooleanField(
        label="Also revoke these keys if the new role is Member",
        help_text="Programs that use them lose access.",
        required=False,
    )

    def __init__(
        self, data: Any, *, initial: dict[str, Any], admin_keys: Sequence[object] = ()
    ) -> None:
        super().__init__(data, initial=initial)
        if not admin_keys:
            del self.fields["revoke_admin_keys"]


class EachAddressField(AddressesFormField):
    """Several addresses, each of which is invited or refused on its own."""

    def refuse_invalid(self, addresses: list[str]) -> None:
        pass


class ProjectRolesField(forms.Field):
    """Repeated values `<slug or public id>[:admin|:member]`, cleaned to a dict of roles by reference."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> dict[str, ProjectRole]:
        roles = {}
        for text in filter(None, value or []):
            reference, _, role = text.partition(":")
            if not REFERENCE.fullmatch(reference) or role not in ("", *ProjectRole.values):
                raise ValidationError(NO_PROJECT, params={"text": text[:80]})
            roles[reference] = ProjectRole(role or ProjectRole.MEMBER)
        return roles


def find_chosen_role(project: Any, values: set[str]) -> str:
    """Returns the role for the project in the posted `values`; empty if there is none."""
    for reference in (project.slug, project.public_id):
        for role in ProjectRole.values:
            if f"{reference}:{role}" in values:
                return role
        if reference in values:
            return str(ProjectRole.MEMBER)
    return ""


class InviteForm(CreatingForm):
    """Invites people to an organization and optionally to some of its projects."""

    emails = EachAddressField(
        label="Email addresses",
        help_text="Up to 50, separated by commas, spaces or line breaks.",
    )
    role = OrganizationRoleField()
    projects = ProjectRolesField(required=False)

    def __init__(self, data: Any, *, organization: Organization) -> None:
        super().__init__(data)
        self.organization = organization
        self.invited: list[str] = []

    @property
    def joinable(self) -> QuerySet[Any]:
        """The projects people can be added to. Every member has access to the Default Project anyway."""
        return self.organization.projects.unarchived().filter(is_default=False)

    def clean_projects(self) -> list[tuple[Any, ProjectRole]]:
        """Returns the chosen projects, each with its role."""
        roles = self.cleaned_data["projects"]
        by_reference: dict[str, Any] = {}
        for project in self.joinable.filter(Q(slug__in=roles) | Q(public_id__in=roles)):
            by_reference |= {project.slug: project, project.public_id: project}
        for reference in roles:
            if reference not in by_reference:
                raise ValidationError(NO_PROJECT, params={"text": reference})
        # For a project named twice, by slug and by id, the last role counts.
        chosen = {by_reference[reference]: role for reference, role in roles.items()}
        return list(chosen.items())

    @cached_property
    def first_projects(self) -> list[Any]:
        """The first projects by name, one more than the page offers."""
        return list(self.joinable.order_by("search_text", "pk")[: PROJECTS_OFFERED + 1])

    @property
    def more_projects(self) -> bool:
        return len(self.first_projects) > PROJECTS_OFFERED

    @property
    def offered(self) -> list[tuple[Any, str]]:
        """The projects that the page offers, each with the role chosen before."""
        chosen = set(self["projects"].value() or []) if self.is_bound else set()
        projects = self.first_projects[:PROJECTS_OFFERED]
        return [(project, find_chosen_role(project, chosen)) for project in projects]

    @property
    def refused(self) -> list[InvitationResult]:
        return [result for result in self.result if result.refusal]

    def with_refused(self) -> "InviteForm":
        """Returns a form with only the refused addresses and the reasons, to try again."""
        emails = "\n".join(result.email for result in self.refused)
        again = InviteForm(self.copy_data(emails=emails), organization=self.organization)
        again.invited = [result.email for result in self.result if not result.refusal]
        again.too_many = any(result.too_many for result in self.refused)
        again.add_error("emails", [ValidationError(result.refusal) for result in self.refused])
        return again
