"""The form that makes a personal access token."""

from collections.abc import Iterator
from itertools import groupby
from typing import Any

from django import forms
from django.core.validators import RegexValidator

from accounts.fields import random_text
from accounts.forms import ActionForm, NameFormField
from accounts.models import Organization, User
from keys.enums import TokenScope
from keys.personal_tokens.access import list_token_organizations, list_token_projects
from projects.models import Project

PRESETS, USUAL = (7, 30, 90, 365), 30  # days
NOT_OFFERED = "Choose one of these: an organization you are a member of, or a project you work in."


class CreateTokenForm(ActionForm):
    """A new token. The hidden text makes a form that is sent twice make one token."""

    name = NameFormField(
        label="Name",
        help_text="What will use it, so that you know which one to revoke.",
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    place = forms.ChoiceField(
        label="For",
        error_messages={"invalid_choice": NOT_OFFERED, "required": NOT_OFFERED},
        help_text="All that you may do there at the moment, and nothing elsewhere.",
    )
    scope = forms.TypedChoiceField(
        label="It may",
        choices=TokenScope.choices,
        coerce=TokenScope,
        error_messages={"invalid_choice": "Choose one of these: read, or read and write."},
        help_text="So far there is nothing that a token could write.",
    )
    days = forms.TypedChoiceField(
        label="Expires after",
        choices=[(str(days), f"{days} days") for days in PRESETS],
        coerce=int,
        initial=str(USUAL),
        error_messages={"invalid_choice": "Choose one of these: 7, 30, 90 or 365 days."},
        help_text="Sooner where an organization's key policy says so.",
    )
    form_token = forms.CharField(
        required=False,
        max_length=20,
        validators=[RegexValidator(r"\A[0-9A-Za-z]*\Z")],
        widget=forms.HiddenInput,
        initial=random_text,
    )

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data)
        organizations = list_token_organizations(user)
        projects = list(list_token_projects(user).select_related("organization"))
        self.places: dict[str, Organization | Project] = {
            **{one.public_id: one for one in organizations},
            **{one.public_id: one for one in projects},
        }
        field = self.fields["place"]
        assert isinstance(field, forms.ChoiceField)
        field.choices = list(list_choices(organizations, projects))

    def clean_place(self) -> Organization | Project:
        return self.places[self.cleaned_data["place"]]


def list_choices(
    organizations: list[Organization], projects: list[Project]
) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """The choices: the organizations as such, then the projects of each under its name."""
    if organizations:
        yield "Organizations", [(one.public_id, one.name) for one in organizations]

    def parent(project: Project) -> tuple[str, int]:
        return project.organization.name, project.organization_id

    ordered = sorted(projects, key=lambda one: (*parent(one), one.name, one.pk))
    for (name, _), inside in groupby(ordered, parent):
        yield f"Projects of {name}", [(one.public_id, one.name) for one in inside]
