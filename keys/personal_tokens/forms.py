"""The form that creates a personal access token."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django import forms

from accounts.forms import CreatingForm, NameFormField
from accounts.models import Organization, User
from keys.enums import TokenScope
from keys.personal_tokens.access import list_token_organizations, list_token_projects
from keys.secrets import CREATED_BEFORE
from projects.models import Project

PRESETS, USUAL = (7, 30, 90, 365), 30  # days
NOT_OFFERED = "Choose an organization you belong to, or a project you have access to."


class CreateTokenForm(CreatingForm):
    """A new token. Sent twice the form creates one, whose secret is not shown again."""

    sent_before = CREATED_BEFORE

    name = NameFormField(
        label="Name",
        help_text="Name what will use the token, so that you know which one to revoke.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    place = forms.ChoiceField(
        label="For",
        error_messages={"invalid_choice": NOT_OFFERED, "required": NOT_OFFERED},
        help_text="The token can do what you can do there, and nothing elsewhere.",
    )
    scope = forms.TypedChoiceField(
        label="Permissions",
        choices=TokenScope.choices,
        coerce=TokenScope,
        error_messages={"invalid_choice": "Choose read, or read and write."},
        help_text="Write access is needed to change anything through the API.",
    )
    days = forms.TypedChoiceField(
        label="Expires after",
        choices=[(str(days), f"{days} days") for days in PRESETS],
        coerce=int,
        initial=str(USUAL),
        error_messages={"invalid_choice": "Choose 7, 30, 90 or 365 days."},
        help_text="Sooner if the organization's key policy requires it.",
    )

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data)
        organizations = list_token_organizations(user)
        projects = list(list_token_projects(user).select_related("organization"))
        self.targets: dict[str, Organization | Project] = {
            **{organization.public_id: organization for organization in organizations},
            **{project.public_id: project for project in projects},
        }
        field = self.fields["place"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(list_choices(organizations, projects))

    def clean(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        if "place" in data:
            data["target"] = self.targets[data.pop("place")]
        return data


def list_choices(
    organizations: list[Organization], projects: list[Project]
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Yields the groups of choices: the organizations, then the projects of each under its name."""
    if organizations:
        yield (
            "Organizations",
            [(organization.public_id, organization.name) for organization in organizations],
        )

    def parent(project: Project) -> tuple[str, int]:
        return project.organization.name, project.organization_id

    ordered = sorted(projects, key=lambda project: (*parent(project), project.name, project.pk))
    for (name, _), members in groupby(ordered, parent):
        yield f"Projects of {name}", [(project.public_id, project.name) for project in members]
