"""The form of a request to support."""

from typing import Any

from django import forms

from accounts.enums import SupportRequestKind
from accounts.forms import CreatingForm
from accounts.models import Organization
from accounts.models.support import MOST_PROJECTS, REASON_LENGTH
from accounts.web.formatting import format_count


class SupportRequestForm(CreatingForm):
    """A request to support; the questions depend on its kind."""

    requested_limit = forms.IntegerField(
        label="How many projects do you need in total?",
        required=False,
        min_value=1,
        max_value=MOST_PROJECTS,
    )
    reason = forms.CharField(max_length=REASON_LENGTH, widget=forms.Textarea(attrs={"rows": 5}))

    def __init__(
        self,
        data: Any,
        *,
        kind: SupportRequestKind,
        organization: Organization,
        whom: str = "",
    ) -> None:
        super().__init__(data, initial={"reason": f"We want to invite {whom}." if whom else ""})
        reason, limit = self.fields["reason"], self.fields["requested_limit"]
        if kind == SupportRequestKind.PROJECTS:
            present = format_count(organization.project_limit, "project")
            limit.help_text = f"You can have {present} now, including the Default Project."
            reason.label = "Why do you need more projects?"
            reason.help_text = "Tell support what you need them for."
        else:
            del self.fields["requested_limit"]
            reason.label = "Who do you want to invite from outside your organization?"
            reason.help_text = "Tell support which people or companies, and what they will work on."
