"""Forms of the members page: a role, and inviting several people at once."""

from django import forms

from accounts.forms import ActForm
from accounts.permissions import GIVEN_ORGANIZATION_ROLES, OrganizationRole


class OrganizationRoleField(forms.TypedChoiceField):
    """A role that can be given in an organization: ownership is offered instead."""

    def __init__(self) -> None:
        super().__init__(
            label="Role",
            choices=[(role.value, role.label) for role in GIVEN_ORGANIZATION_ROLES][::-1],
            coerce=OrganizationRole,
            initial=OrganizationRole.MEMBER,
        )


class MemberRoleForm(ActForm):
    role = OrganizationRoleField()
