"""The base of every form that does an act, and the forms of organizations and people."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest

from accounts.enums import Notification, SupportRequestKind
from accounts.errors import Conflict, TooMany
from accounts.fields import AddressField, NameField, SlugTextField
from accounts.validators import (
    normalize_email,
    normalize_name,
    validate_name,
    validate_not_reserved,
    validate_slug,
)


class ActionForm(forms.Form):
    """A form whose act can refuse: what the service raises is shown at the field it names."""

    conflict = too_many = False

    def perform(self, act: Callable[..., Any]) -> bool:
        """Calls `act` with the cleaned fields when they are right; whether it went through."""
        if not self.is_valid():
            return False
        try:
            self.result = act(**self.cleaned_data)
        except ValidationError as error:
            self.conflict = isinstance(error, Conflict)
            self.too_many = isinstance(error, TooMany)
            self.add_error(None, error)
            return False
        return True

    def refuse(self, why: str) -> None:
        """Says that the act does not fit the state things are in."""
        self.conflict = True
        self.add_error(None, why)

    @property
    def status(self) -> int:
        """The status of the page: 200 untouched, 409 conflict, 429 limit reached, 422 bad values."""
        if not self.is_bound:
            return 200
        if self.too_many:
            return 429
        return 409 if self.conflict else 422


def get_form_data(request: HttpRequest) -> Any:
    """The data a form is bound to: the POST's, or None for a form shown for the first time."""
    return request.POST if request.method == "POST" else None


class NameFormField(forms.CharField):
    """A name people typed, see `validate_name`; white space is tidied, not refused."""

    default_validators = [validate_name]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": NameField().max_length, **kwargs})

    def to_python(self, value: Any) -> str:
        return normalize_name(super().to_python(value) or "")


class AddressFormField(forms.EmailField):
    """An email address in its normal form."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": AddressField().max_length, **kwargs})

    def clean(self, value: Any) -> Any:
        return super().clean(normalize_email(value) if isinstance(value, str) else value)


class SlugFormField(forms.CharField):
    """An optional slug: empty means that one is made from the name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(
            **{
                "required": False,
                "max_length": SlugTextField().max_length,
                "validators": [validate_slug, validate_not_reserved],
                **kwargs,
            }
        )


class OrganizationForm(ActionForm):
    """The organization's settings its Owner and Admins change."""

    name = NameFormField(label="Name")


class SupportRequestForm(ActionForm):
    """Asks support for something, with the question that fits it."""

    reason = forms.CharField(max_length=2000, widget=forms.Textarea(attrs={"rows": 5}))

    def __init__(self, data: Any, *, kind: SupportRequestKind) -> None:
        super().__init__(data)
        reason = self.fields["reason"]
        if kind == SupportRequestKind.PROJECTS:
            reason.label = "Why do you need more projects?"
            reason.help_text = "How many, and what for. Support reads this."
        else:
            reason.label = "Who should work with you from outside?"
            reason.help_text = "Which companies or people, and on what. Support reads this."


class ProfileForm(ActionForm):
    """What others see of a person."""

    name = NameFormField(label="Name")


class NewOrganizationForm(ActionForm):
    name = NameFormField(label="Name", help_text="A company, a team, or yourself.")
    slug = SlugFormField(
        label="Slug",
        help_text="Part of its address, unique over the whole console. Empty: made from the name.",
    )


class TypedForm(ActionForm):
    """An act that cannot be undone: `word` has to be typed before it."""

    typed = forms.CharField(max_length=254, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, data: Any, *, word: str) -> None:
        super().__init__(data)
        self.word = word
        self.fields["typed"].label = f"Type {word} to confirm"

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"]
        if normalize_email(typed) != self.word:
            raise ValidationError("That is not it. Type %(word)s.", params={"word": self.word})
        return typed


class NotificationsForm(ActionForm):
    """One switch a kind of mail."""

    def __init__(self, data: Any, *, wanted: set[str]) -> None:
        super().__init__(data)
        for kind in Notification:
            self.fields[kind.value] = forms.BooleanField(
                label=kind.label, required=False, initial=kind.value in wanted
            )


class OfferForm(ActionForm):
    """To which member the Owner offers their role."""

    email = AddressFormField(
        label="New Owner's email address",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text="A member of the organization; the Members page has everybody's address.",
    )
