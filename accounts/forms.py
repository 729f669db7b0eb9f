"""The base class of forms that call a service, and the forms of organizations and users."""

from collections.abc import Callable, Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import transaction
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect

from accounts.actors import Actor
from accounts.email_addresses import normalize_email, validate_email_address
from accounts.enums import Notification
from accounts.errors import Conflict, TooMany
from accounts.fields import ID_LENGTH, AddressField, NameField, SlugTextField, random_text
from accounts.models import FormToken
from accounts.models.form_token import URL_LENGTH
from accounts.validators import (
    normalize_name,
    validate_name,
    validate_not_reserved,
    validate_slug,
)

SENT_BEFORE = "You already sent this form. This is what it created."


class ActionForm(forms.Form):
    """A form that calls a service. Errors that the service raises are shown at the fields they name."""

    conflict = too_many = False

    def perform(self, action: Callable[..., Any]) -> bool:
        """Calls `action` with the cleaned fields if they are valid; returns whether it succeeded.

        The return value of `action` is kept in `result`.
        """
        if not self.is_valid():
            return False
        try:
            self.result = action(**self.cleaned_data)
        except ValidationError as error:
            self.conflict = isinstance(error, Conflict)
            self.too_many = isinstance(error, TooMany)
            self.add_error(None, error)
            return False
        return True

    def refuse(self, reason: str) -> None:
        """Adds an error that makes the page answer 409: the action conflicts with the current state."""
        self.conflict = True
        self.add_error(None, reason)

    @property
    def status(self) -> int:
        """The HTTP status: 200 if unbound, 409 for a conflict, 429 for a limit, 422 for invalid values."""
        if not self.is_bound:
            return 200
        if self.too_many:
            return 429
        return 409 if self.conflict else 422


def get_form_data(request: HttpRequest) -> Any:
    """Returns the POST data to bind a form to, or None for an unbound form."""
    return request.POST if request.method == "POST" else None


class CreatingForm(ActionForm):
    """A form that creates something. Because of its hidden token, sending it twice creates it once.

    After `perform_once`, `url` is the page of what the form created, now or when it was first sent.
    """

    form_token = forms.CharField(
        required=False,
        max_length=ID_LENGTH,
        validators=[RegexValidator(r"\A[0-9A-Za-z]*\Z")],
        widget=forms.HiddenInput,
        initial=random_text,
    )
    url = ""
    is_repeated = False
    sent_before = SENT_BEFORE  # the message of a form that was sent before

    def perform_once(
        self, action: Callable[..., Any], *, actor: Actor, locate: Callable[[Any], str]
    ) -> bool:
        """Like `perform`, but does nothing and succeeds if the form was already sent.

        `locate` returns the URL of the page of what `action` created; empty if that was nothing, in
        which case the form can be sent again.
        """
        if sent := self.find_sent(actor):
            return self.repeat(sent)

        @transaction.atomic
        def act(form_token: str = "", **data: Any) -> Any:
            if not form_token:
                result = action(**data)
                self.url = locate(result)
                return result
            sent, is_new = actor.person.form_tokens.get_or_create(token=form_token)
            if not is_new:  # sent at the same moment
                return self.repeat(sent)
            result = action(**data)
            self.url = locate(result)
            if not self.url:
                sent.delete()
                return result
            # A list that marks everything created may have a URL that is too long to keep.
            sent.url = self.url if len(self.url) <= URL_LENGTH else self.url.partition("?")[0]
            sent.save(update_fields=["url"])
            return result

        return self.perform(act)

    def find_sent(self, actor: Actor) -> FormToken | None:
        """Returns what the form created when the actor sent it before, or None."""
        token = self.data.get(self.add_prefix("form_token"), "")
        if not token or len(token) > ID_LENGTH or "\x00" in token:
            return None
        return actor.person.form_tokens.filter(token=token).first()

    def copy_data(self, **changes: str) -> QueryDict:
        """Returns the data with `changes`, for a form that creates what this one could not."""
        assert isinstance(self.data, QueryDict)
        data = self.data.copy()
        for name, value in {**changes, "form_token": random_text()}.items():
            data[name] = value
        return data

    def repeat(self, sent: FormToken) -> bool:
        self.url, self.is_repeated = sent.url, True
        return True

    def answer(self, request: HttpRequest, message: Callable[[], str]) -> HttpResponse:
        """Redirects to what was created with `message`, or with a note that the form was sent before."""
        if self.is_repeated:
            messages.info(request, self.sent_before)
        else:
            messages.success(request, message())
        return redirect(self.url)


class NameFormField(forms.CharField):
    """A name, see `validate_name`. White space is normalized, not refused."""

    default_validators = [validate_name]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": NameField().max_length, **kwargs})

    def to_python(self, value: Any) -> str:
        return normalize_name(super().to_python(value) or "")


class AddressFormField(forms.EmailField):
    """An email address, normalized."""

    default_validators = [validate_email_address]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": AddressField().max_length, **kwargs})

    def clean(self, value: Any) -> Any:
        return super().clean(normalize_email(value) if isinstance(value, str) else value)


class SlugFormField(forms.CharField):
    """An optional slug; if empty, one is made from the name."""

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
    """The settings that an organization's Owner and Admins can change."""

    name = NameFormField(label="Name")


class ProfileForm(ActionForm):
    """The profile that others see."""

    name = NameFormField(label="Name")


class NewOrganizationForm(CreatingForm):
    name = NameFormField(label="Name", help_text="The name of your company, your team or yourself.")
    slug = SlugFormField(
        label="Slug",
        help_text="Part of the URL, unique across the console. Leave it empty to have it made from the name.",
    )


class TypedForm(ActionForm):
    """Confirms an action that cannot be undone: the user has to type `word`."""

    typed = forms.CharField(max_length=254, widget=forms.TextInput(attrs={"autocomplete": "off"}))

    def __init__(self, data: Any, *, word: str) -> None:
        super().__init__(data)
        self.word = word
        self.fields["typed"].label = f"Type {word} to confirm"

    def clean_typed(self) -> str:
        typed: str = self.cleaned_data["typed"]
        if normalize_email(typed) != self.word:
            raise ValidationError("That doesn't match. Type %(word)s.", params={"word": self.word})
        return typed


class NotificationsForm(ActionForm):
    """A checkbox for each kind of email."""

    def __init__(self, data: Any, *, kinds: Iterable[Notification], enabled: set[str]) -> None:
        super().__init__(data)
        for kind in kinds:
            self.fields[kind.value] = forms.BooleanField(
                label=kind.label, required=False, initial=kind.value in enabled
            )


class OfferForm(ActionForm):
    """The member to whom the Owner offers the ownership."""

    email = AddressFormField(
        label="New Owner's email address",
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
        help_text="It has to be a member of the organization. The Members page lists their email addresses.",
    )
