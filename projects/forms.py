"""Forms of projects and collaborators."""

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from accounts.actors import Actor
from accounts.forms import ActionForm, CreatingForm, NameFormField, SlugFormField
from accounts.invitations.addresses import AddressesFormField
from accounts.members.role_choices import PROJECT_ROLE_DESCRIPTIONS, DescribedRadioSelect
from accounts.members.several.pages import RemoveSeveralForm
from accounts.permissions import ProjectRole
from projects.models import Project
from projects.services.additions import EXTERNALS_OFF, Added, Attempt, add_collaborators

# How many projects a set can have: the longest structure has three, and some add their own.
SET_ROWS = 6


class RoleField(forms.TypedChoiceField):
    """A role in a project, each explained beside it."""

    def __init__(self, *, label: str = "Project role") -> None:
        super().__init__(
            label=label,
            choices=ProjectRole.choices[::-1],
            widget=DescribedRadioSelect(PROJECT_ROLE_DESCRIPTIONS),
            coerce=ProjectRole,
            initial=ProjectRole.MEMBER,
        )


class EndDateField(forms.DateField):
    """The last day of access; empty for access without an end."""

    def __init__(self) -> None:
        super().__init__(
            label="End date",
            required=False,
            input_formats=["%Y-%m-%d"],
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            help_text="Access ends at the end of this day in UTC. Leave it empty for no end date.",
            error_messages={"invalid": "Enter a date such as 2026-03-12, or leave it empty."},
        )


class AddCollaboratorForm(CreatingForm):
    """Takes one or several email addresses. Refused ones stay in the field, each with its reason."""

    # A single line, so that Enter submits; pasted line breaks become spaces, which separate too.
    email = AddressesFormField(
        label="Name or email address",
        help_text="To add several people, separate their email addresses with commas or spaces.",
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "inputmode": "email", "spellcheck": "false"}
        ),
    )
    role = RoleField()
    end_date = EndDateField()
    # Sent by the button that turns the project's switch for external collaborators on.
    allow_outsiders = forms.BooleanField(required=False, widget=forms.HiddenInput)
    added: Sequence[Added] = ()

    def add(self, actor: Actor, project: Project, locate: Callable[[list[Attempt]], str]) -> bool:
        """Adds everyone who can be added, as `added`. Returns whether no address was refused.

        `locate` returns the URL of the page of those who were added.
        """

        def act(email: list[str], **given: Any) -> list[Attempt]:
            return add_collaborators(actor=actor, project=project, emails=email, **given)

        if not self.perform_once(act, actor=actor, locate=locate):
            return False
        return self.is_repeated or self.keep_refused(self.result)

    def keep_refused(self, attempts: list[Attempt]) -> bool:
        """Leaves the refused addresses in the form, to be corrected. Returns whether there are none."""
        self.added = [attempt.added for attempt in attempts if attempt.added]
        refused = [attempt for attempt in attempts if not attempt.added]
        if not refused:
            return True
        self.data = self.copy_data(email=", ".join(attempt.email for attempt in refused))
        for attempt in refused:
            self.add_error("email", ValidationError(attempt.refusal, code=attempt.code))
        return False

    @property
    def is_blocked(self) -> bool:
        """Whether someone was refused because a switch for external collaborators is off."""
        return self.has_error("email", EXTERNALS_OFF)


class EndDateForm(ActionForm):
    end_date = EndDateField()


class RemoveAllExternalsForm(RemoveSeveralForm):
    remove_accounts = forms.BooleanField(required=False, initial=True)


class RoleForm(ActionForm):
    role = RoleField()


class NewProjectForm(CreatingForm):
    name = NameFormField(
        label="Name", help_text="For example the name of a team or an application."
    )
    slug = SlugFormField(
        label="Slug",
        max_length=Project._meta.get_field("slug").max_length,
        help_text="Used in URLs. Leave it empty to create one from the name.",
    )


class NewSetRow(forms.Form):
    """One project of a set. All rows use the same field name."""

    name = NameFormField(label="Name", required=False)


class NewSetForm(CreatingForm):
    """The names of a set of projects. Empty rows are skipped."""

    def __init__(self, data: QueryDict | None, suggested: Iterable[str]) -> None:
        super().__init__(data)
        names = list(suggested) if data is None else data.getlist("name")
        self.rows = [
            NewSetRow(
                None if data is None else {"name": name},
                initial={"name": name},
                auto_id=f"id_%s_{number}",
            )
            for number, name in enumerate(names + [""] * (SET_ROWS - len(names)), start=1)
        ]
        for number, row in enumerate(self.rows, start=1):
            row.fields["name"].label = f"Project {number}"

    def clean(self) -> dict[str, Any]:
        if any(not row.is_valid() for row in self.rows):
            raise ValidationError("Correct the names marked below.")
        names = [row.cleaned_data["name"] for row in self.rows if row.cleaned_data["name"]]
        if not names:
            raise ValidationError("Enter at least one name.")
        return {"names": names, "form_token": self.cleaned_data.get("form_token", "")}


class SlugForm(ActionForm):
    slug = SlugFormField(
        label="New slug",
        required=True,
        max_length=Project._meta.get_field("slug").max_length,
        help_text="Use lowercase letters, digits and hyphens. Some words are reserved.",
    )


class ProjectForm(ActionForm):
    """The project's settings. The Default Project has no switch for external collaborators."""

    name = NameFormField(label="Name")
    allow_external_collaborators = forms.BooleanField(
        label="Allow external collaborators",
        required=False,
        help_text="People outside the organization can be invited to this project.",
    )
