"""What the pages that change several people have in common, whether they are members or collaborators."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render

from accounts.forms import ActionForm
from accounts.members.several.forms import Row, SelectionForm, report_results
from accounts.members.several.services import PersonResult
from accounts.permissions import OrganizationRole, ProjectRole

Role = TypeVar("Role", OrganizationRole, ProjectRole)


class RemoveSeveralForm(ActionForm):
    """Whether to revoke the API keys of those who are removed."""

    revoke_keys = forms.BooleanField(required=False)


@dataclass(frozen=True)
class SeveralPage(Generic[Row]):
    """A page that changes the selected people. `back` is the URL of the list that it returns to."""

    selection: SelectionForm[Row]
    form: ActionForm
    back: str
    template: str

    def answer(
        self,
        request: HttpRequest,
        action: Callable[..., list[PersonResult]],
        *,
        describe: Callable[[str, bool], str],
        context: Mapping[str, Any],
    ) -> HttpResponse:
        """Calls `action` with the rows and the form's fields, then redirects to the list with messages.

        Renders the page if it was not sent, or not valid. `describe` is that of `report_results`.
        """
        if results := self.selection.apply(self.form, action):
            report_results(request, results, describe)
            return redirect(self.back)
        own = {"form": self.form, "selection": self.selection, "cancel_url": self.back}
        status = self.selection.find_status(self.form)
        return render(request, self.template, {**context, **own}, status=status)


def suggest_role(selection: SelectionForm[Any], roles: type[Role]) -> Role:
    """Returns Admin if everyone is a Member, so that the suggestion changes something; else Member."""
    return roles.ADMIN if selection.common_role == roles.MEMBER.label else roles.MEMBER


def describe_new_role(form: ActionForm, place: str, who: str, several: bool) -> str:  # noqa: FBT001
    """Returns the message about people who got the role chosen in `form`."""
    return f"{who} {'are' if several else 'is'} now {form.cleaned_data['role'].label} of {place}."
