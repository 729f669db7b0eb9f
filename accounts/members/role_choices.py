"""Radio buttons that explain each choice beside it."""

from collections.abc import Mapping
from typing import Any

from django import forms


class DescribedRadioSelect(forms.RadioSelect):
    """Radio buttons, each with a sentence about what it means. `descriptions` are by value."""

    template_name = "components/described_choices.html"

    def __init__(self, descriptions: Mapping[Any, str]) -> None:
        super().__init__()
        self.descriptions = descriptions

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        option: dict[str, Any] = super().create_option(name, value, *args, **kwargs)
        return {**option, "description": self.descriptions[value]}
