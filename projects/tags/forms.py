"""The form with the tags of a project or an API key, a row for each."""

from collections.abc import Iterator, Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict

from accounts.forms import ActionForm
from accounts.validators import normalize_name
from projects.models.tags import MAX_TAGS
from projects.tags.periods import compute_fingerprint
from projects.tags.values import NO_VALUE, TOO_MANY, validate_tag_name, validate_tag_value

FREE_ROWS = 3
NO_NAME = "Enter a name."
TWICE = "This name is already in a row above."
PLAIN = {"autocomplete": "off", "spellcheck": "false"}


class TagValueField(forms.CharField):
    """A value, see `validate_tag_value`. White space is normalized."""

    default_validators = [validate_tag_value]

    def to_python(self, value: Any) -> str:
        return normalize_name(super().to_python(value) or "")


class TagRow(forms.Form):
    """A tag. All rows use the same field names; one without a name and value is skipped."""

    name = forms.CharField(
        required=False,
        validators=[validate_tag_name],
        widget=forms.TextInput({**PLAIN, "autocapitalize": "none", "placeholder": "cost-center"}),
    )
    value = TagValueField(required=False, widget=forms.TextInput({**PLAIN, "placeholder": "4711"}))

    def __init__(self, number: int, name: str, value: str, *, is_bound: bool) -> None:
        given = {"name": name, "value": value}
        super().__init__(given if is_bound else None, initial=given, auto_id=f"id_%s_{number}")
        self.fields["name"].label = f"Name of tag {number}"
        self.fields["value"].label = f"Value of tag {number}"

    def clean(self) -> dict[str, Any]:
        name, value = self.cleaned_data.get("name"), self.cleaned_data.get("value")
        if name and value == "":
            self.add_error("value", NO_VALUE)
        if value and name == "":
            self.add_error("name", NO_NAME)
        return self.cleaned_data


class TagsForm(ActionForm):
    """All tags: cleans to `tags`, the values by name, and to `seen`.

    That is the fingerprint of the tags that the form was rendered with.
    """

    seen = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput)

    def __init__(self, data: QueryDict | None, tags: Mapping[str, str]) -> None:
        super().__init__(data, initial={"seen": compute_fingerprint(tags)})
        given = list(tags.items()) if data is None else list(read_pairs(data))
        free = max(min(FREE_ROWS, MAX_TAGS - len(given)), 0)
        pairs = given + [("", "")] * free
        self.rows = [
            TagRow(number, *pair, is_bound=data is not None)
            for number, pair in enumerate(pairs, start=1)
        ]

    def clean(self) -> dict[str, Any]:
        valid = [row.is_valid() for row in self.rows]
        tags: dict[str, str] = {}
        for row in self.rows:
            name = row.cleaned_data.get("name")
            if not name:
                continue
            if name in tags:
                row.add_error("name", TWICE)
            tags[name] = row.cleaned_data.get("value", "")
        if not all(valid) or any(row.errors for row in self.rows):
            raise ValidationError("Correct the tags marked below.")
        if len(tags) > MAX_TAGS:
            raise ValidationError(TOO_MANY)
        return {"tags": tags, "seen": self.cleaned_data.get("seen") or None}


def read_pairs(data: QueryDict) -> Iterator[tuple[str, str]]:
    """Yields the names and values of the rows that were sent, without empty ones."""
    names, values = data.getlist("name"), data.getlist("value")
    longest = max(len(names), len(values))
    for number in range(min(longest, 2 * MAX_TAGS)):
        name = names[number].strip() if number < len(names) else ""
        value = values[number].strip() if number < len(values) else ""
        if name or value:
            yield name, value
