"""What roles allow, in a sentence beside each choice of a role."""

from collections.abc import Mapping
from typing import Any

from django import forms

from accounts.permissions import OrganizationRole, ProjectRole

ORGANIZATION_ROLE_DESCRIPTIONS: dict[str, str] = {
    OrganizationRole.ADMIN: "Manages members, projects and settings, sees all costs, and is an Admin of "
    "every project.",
    OrganizationRole.MEMBER: "Uses the Default Project and the projects they are added to.",
}
PROJECT_ROLE_DESCRIPTIONS: dict[str, str] = {
    ProjectRole.ADMIN: "Also adds and removes people, and changes the project's settings.",
    ProjectRole.MEMBER: "Uses everything in the project, and creates and revokes API keys. Members of the "
    "organization also see the project's usage.",
}


class DescribedRadioSelect(forms.RadioSelect):
    """Radio buttons, each with a sentence about what it means. `descriptions` are by value."""

    template_name = "components/described_choices.html"

    def __init__(self, descriptions: Mapping[Any, str]) -> None:
        super().__init__()
        self.descriptions = descriptions

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        return {**option, "description": self.descriptions[value]}
