"""Forms of service accounts."""

from django import forms

from accounts.forms import ActionForm, CreatingForm, NameFormField
from accounts.members.role_choices import DescribedRadioSelect
from projects.models import ServiceAccountRole

ROLE_DESCRIPTIONS: dict[str, str] = {
    ServiceAccountRole.ADMIN: "Its tokens also add and remove people and service accounts, and change the "
    "project's settings.",
    ServiceAccountRole.MEMBER: "Its tokens read the project, and create and revoke API keys.",
    ServiceAccountRole.NONE: "It only has API keys, and no tokens.",
}


class AccountRoleField(forms.TypedChoiceField):
    """The role of a service account, each explained beside it."""

    def __init__(self) -> None:
        super().__init__(
            label="Project role",
            choices=ServiceAccountRole.choices[1::-1] + ServiceAccountRole.choices[2:],
            widget=DescribedRadioSelect(ROLE_DESCRIPTIONS),
            coerce=ServiceAccountRole,
            initial=ServiceAccountRole.MEMBER,
        )


class CreateAccountForm(CreatingForm):
    name = NameFormField(
        label="Name",
        help_text="Name the program that will use it, such as a pipeline.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    role = AccountRoleField()


class RenameAccountForm(ActionForm):
    name = NameFormField(label="Name", widget=forms.TextInput(attrs={"autocomplete": "off"}))


class AccountRoleForm(ActionForm):
    role = AccountRoleField()
