"""Forms of projects and collaborators."""

from django import forms

from accounts.forms import ActForm, AddressFormField, NameFormField, SlugFormField
from accounts.permissions import ProjectRole
from projects.models import Project


class RoleField(forms.TypedChoiceField):
    """A role in a project."""

    def __init__(self) -> None:
        super().__init__(
            label="Project role",
            choices=ProjectRole.choices,
            coerce=ProjectRole,
            initial=ProjectRole.MEMBER,
        )


class EndDateField(forms.DateField):
    """The last day of somebody's access; empty when it has no end."""

    def __init__(self) -> None:
        super().__init__(
            label="End date",
            required=False,
            input_formats=["%Y-%m-%d"],
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            help_text="The last day of access, until its end in UTC. Empty: access has no end.",
            error_messages={"invalid": "Enter a day such as 2026-03-12, or leave it empty."},
        )


class AddCollaboratorForm(ActForm):
    email = AddressFormField(
        label="Email address", widget=forms.EmailInput(attrs={"autocomplete": "off"})
    )
    role = RoleField()
    end_date = EndDateField()


class EndDateForm(ActForm):
    end_date = EndDateField()


class RoleForm(ActForm):
    role = RoleField()


class NewProjectForm(ActForm):
    name = NameFormField(label="Name", help_text="What the people in it will call it.")
    slug = SlugFormField(
        label="Slug",
        max_length=Project._meta.get_field("slug").max_length,
        help_text="Part of its address, unique over the whole console. Empty: made from the name.",
    )


class SlugForm(ActForm):
    slug = SlugFormField(
        label="New slug",
        required=True,
        max_length=Project._meta.get_field("slug").max_length,
        help_text="Lower-case letters, digits and hyphens, unique over the whole console. "
        "Words on the console's list of reserved words are refused.",
    )


class ProjectForm(ActForm):
    """The project's settings; the Default Project has no switch for externals."""

    name = NameFormField(label="Name")
    allow_external_collaborators = forms.BooleanField(
        label="Allow external collaborators",
        required=False,
        help_text="People outside the organization can be invited to this project, and only to it.",
    )
