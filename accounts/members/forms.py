"""Forms of the members page: a role, and inviting several people at once."""

import re
from functools import cached_property
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet

from accounts.forms import ActionForm
from accounts.invitations.addresses import AddressesFormField
from accounts.invitations.services.members import InvitationResult
from accounts.models import Organization
from accounts.permissions import GRANTABLE_ORGANIZATION_ROLES, OrganizationRole, ProjectRole

PROJECTS_OFFERED = 50
REFERENCE = re.compile(r"[A-Za-z0-9_-]{1,100}")
NO_PROJECT = "“%(text)s” is no project people can be added to. Choose among those offered."


class OrganizationRoleField(forms.TypedChoiceField):
    """A role that can be given in an organization: ownership is offered instead."""

    def __init__(self) -> None:
        super().__init__(
            label="Role",
            choices=[(role.value, role.label) for role in GRANTABLE_ORGANIZATION_ROLES][::-1],
            coerce=OrganizationRole,
            initial=OrganizationRole.MEMBER,
        )


class MemberRoleForm(ActionForm):
    role = OrganizationRoleField()


class EachAddressField(AddressesFormField):
    """Several addresses, each of which is invited or refused on its own."""

    def refuse_bad(self, addresses: list[str]) -> None:
        pass


class ProjectRolesField(forms.Field):
    """Repeated values `<slug or public id>[:admin|:member]`; clean gives the role by reference."""

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
    """The role that `values`, as they were posted, give in the project; empty for none."""
    for reference in (project.slug, project.public_id):
        for role in ProjectRole.values:
            if f"{reference}:{role}" in values:
                return role
        if reference in values:
            return str(ProjectRole.MEMBER)
    return ""


class InviteForm(ActionForm):
    """Invites people to an organization and, if wanted, to some of its projects."""

    emails = EachAddressField(
        label="Email addresses",
        help_text="One or more, with commas, spaces or lines between them; 50 at once.",
    )
    role = OrganizationRoleField()
    projects = ProjectRolesField(required=False)

    def __init__(self, data: Any, *, organization: Organization) -> None:
        super().__init__(data)
        self.organization = organization
        self.invited: list[str] = []

    @property
    def joinable(self) -> QuerySet[Any]:
        """The projects somebody can be added to: in the Default Project every member is anyway."""
        return self.organization.projects.unarchived().filter(is_default=False)

    def clean_projects(self) -> list[tuple[Any, ProjectRole]]:
        """The projects with the role wanted in each."""
        roles = self.cleaned_data["projects"]
        found: dict[str, Any] = {}
        for project in self.joinable.filter(Q(slug__in=roles) | Q(public_id__in=roles)):
            found |= {project.slug: project, project.public_id: project}
        for reference in roles:
            if reference not in found:
                raise ValidationError(NO_PROJECT, params={"text": reference})
        # Whoever names a project twice, by slug and by id, means the last.
        return list({found[one].pk: (found[one], role) for one, role in roles.items()}.values())

    @cached_property
    def first_projects(self) -> list[Any]:
        """The first projects by name, one more than are offered."""
        return list(self.joinable.order_by("name", "pk")[: PROJECTS_OFFERED + 1])

    @property
    def more_projects(self) -> bool:
        return len(self.first_projects) > PROJECTS_OFFERED

    @property
    def offered(self) -> list[tuple[Any, str]]:
        """The projects of the page, each with what was chosen for it before."""
        chosen = set(self["projects"].value() or []) if self.is_bound else set()
        return [
            (one, find_chosen_role(one, chosen)) for one in self.first_projects[:PROJECTS_OFFERED]
        ]

    @property
    def refused(self) -> list[InvitationResult]:
        return [one for one in self.result if one.refusal]

    def with_refused(self) -> "InviteForm":
        """The form to try again with: it holds those addresses alone that were refused, and why."""
        data = self.data.copy()  # type: ignore[attr-defined]
        data["emails"] = "\n".join(one.email for one in self.refused)
        again = InviteForm(data, organization=self.organization)
        again.invited = [one.email for one in self.result if not one.refusal]
        again.too_many = any(one.too_many for one in self.refused)
        again.add_error("emails", [ValidationError(one.refusal) for one in self.refused])
        return again
