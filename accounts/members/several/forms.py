"""People selected in a list, to change all of them at once."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest

from accounts.forms import ActionForm
from accounts.members.several.services import PersonResult
from accounts.models import User

MAX_PEOPLE = 50  # as many as a page of a list has
PARAMETER = "people"
REFERENCE = re.compile(r"[a-z]{1,20}_[0-9A-Za-z]{1,40}")
Row = TypeVar("Row")


@dataclass(frozen=True, slots=True)
class SelectedPerson(Generic[Row]):
    """A selected row and its person. `why_not` is empty if the row can be changed."""

    row: Row
    reference: str
    user: User
    email: str
    role: str
    why_not: str = ""


class SelectionField(forms.Field):
    """Repeated public ids of rows; cleans to each of them once."""

    widget = forms.MultipleHiddenInput

    def clean(self, value: Any) -> list[str]:
        references = list(dict.fromkeys(value or []))
        if not references:
            raise ValidationError("Select people in the list first.")
        if len(references) > MAX_PEOPLE:
            raise ValidationError(f"Select at most {MAX_PEOPLE} people at once.")
        if not all(map(REFERENCE.fullmatch, references)):
            raise Http404
        return references


class SelectionForm(ActionForm, Generic[Row]):
    """The selected people, from the URL or from the page that confirms the change.

    `select` returns those who are still in the list. Raises Http404 if no one is.
    """

    people = SelectionField()

    def __init__(
        self, request: HttpRequest, select: Callable[[list[str]], list[SelectedPerson[Row]]]
    ) -> None:
        # GET only shows who would be changed, or that no one is selected if there is no parameter.
        selected = request.GET if PARAMETER in request.GET else None
        super().__init__(request.POST if request.method == "POST" else selected)
        self.select = select
        self.missing = 0

    def clean_people(self) -> list[SelectedPerson[Row]]:
        references = self.cleaned_data["people"]
        people = self.select(references)
        if not people:
            raise Http404
        self.missing = len(references) - len(people)
        return sorted(people, key=lambda person: person.user.search_text)

    @property
    def selected(self) -> list[SelectedPerson[Row]]:
        """The selected people by name; empty if the selection is invalid."""
        people: list[SelectedPerson[Row]] = self.cleaned_data[PARAMETER] if self.is_valid() else []
        return people

    @property
    def changeable(self) -> list[SelectedPerson[Row]]:
        return [person for person in self.selected if not person.why_not]

    @property
    def unchangeable(self) -> list[SelectedPerson[Row]]:
        return [person for person in self.selected if person.why_not]

    @property
    def common_role(self) -> str:
        """The role that all who can be changed have now; empty if they have different ones."""
        roles = {person.role for person in self.changeable}
        return roles.pop() if len(roles) == 1 else ""

    def apply(
        self, form: ActionForm, action: Callable[..., list[PersonResult]]
    ) -> list[PersonResult]:
        """Calls `action` with the selected rows and the fields of `form`, if it was sent and both are valid.

        Returns the results; empty if nothing was done.
        """
        if not form.is_bound or not self.is_valid():
            return []
        rows = [person.row for person in self.selected]
        if not form.perform(lambda **data: action(rows, **data)):
            return []
        results: list[PersonResult] = form.result
        return results

    def find_status(self, form: ActionForm) -> int:
        """Returns the HTTP status of a page with the selection and `form`."""
        return self.status if self.errors else form.status


def report_results(
    request: HttpRequest, results: Sequence[PersonResult], describe: Callable[[str, bool], str]
) -> None:
    """Adds a message about the people who were changed, and one that names everyone else.

    `describe` returns the first message, given a name or number and whether it is about several people.
    """
    names = [result.name for result in results if not result.refusal]
    refused = [f"{result.name}: {result.refusal}" for result in results if result.refusal]
    several = len(names) != 1
    messages.success(request, describe(f"{len(names)} people" if several else names[0], several))
    if refused:
        messages.warning(request, f"Not changed: {' '.join(refused)}")
