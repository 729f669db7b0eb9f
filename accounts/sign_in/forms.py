"""The sign-in and sign-up forms, on top of django-allauth's."""

import secrets
from typing import Any

from allauth.account import forms as allauth_forms
from allauth.account.adapter import get_adapter
from allauth.core import context
from django import forms
from django.db import IntegrityError, transaction
from django.http import HttpRequest

from accounts.forms import AddressFormField, NameFormField
from accounts.models import Invitation, User
from accounts.models.invitation import Link
from accounts.sign_in.adapter import find_sign_up_invitation


class PlainLabels:
    """Labels in our words, and no placeholders that say the same again."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
            label = str(field.label or "").replace("Email", "Email address")
            field.label = label[:1] + label[1:].lower()


class AddEmailForm(PlainLabels, allauth_forms.AddEmailForm):  # type: ignore[misc]
    """Another address to sign in with."""


class ChangePasswordForm(PlainLabels, allauth_forms.ChangePasswordForm):  # type: ignore[misc]
    """A new password, with the current one."""


class ResetPasswordForm(PlainLabels, allauth_forms.ResetPasswordForm):  # type: ignore[misc]
    """Asks for the mail that lets one choose a new password."""


class ResetPasswordKeyForm(PlainLabels, allauth_forms.ResetPasswordKeyForm):  # type: ignore[misc]
    """The new password, reached by the mailed link."""


class LoginForm(PlainLabels, allauth_forms.LoginForm):  # type: ignore[misc]
    """Email address and password; labels say what placeholders said."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Ours brings the address into its normal form before it is checked.
        widget = self.fields["login"].widget
        self.fields["login"] = AddressFormField(label="Email address", widget=widget)
        self.fields["remember"].label = "Keep me signed in"
        self.fields["password"].help_text = ""
        self.signup_closed = not get_adapter().is_open_for_signup(context.request)


class SignUpForm(PlainLabels, allauth_forms.SignupForm):  # type: ignore[misc]
    """Name, address and password; reached with an invitation, the address is the invited one."""

    account_already_exists: bool
    name = NameFormField(label="Name", widget=forms.TextInput(attrs={"autocomplete": "name"}))
    field_order = ["name", "email", "password1"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        widget = self.fields["email"].widget
        self.fields["email"] = AddressFormField(label="Email address", widget=widget)
        self.fields["password1"].label = "Password"
        self.fields["password1"].help_text = "At least 15 characters; a few words are fine."
        self.invitation: Invitation | None = None
        self.link: Link | None = None
        if found := find_sign_up_invitation(context.request):
            self.invitation, self.link = found
            self.fields["email"].initial = self.invitation.email
            self.fields["email"].widget.attrs["readonly"] = True

    def clean_email(self) -> str:
        email: str = super().clean_email()
        if self.invitation and email != self.invitation.email:
            raise forms.ValidationError(
                "This invitation is for another address. Sign up with %(email)s.",
                params={"email": self.invitation.email},
            )
        return email

    def try_save(self, request: HttpRequest) -> Any:
        """The user and an answer; somebody may take the address or the slug at the same moment."""
        if self.account_already_exists:
            self.sign_up_and_undo(request)
        try:
            return super().try_save(request)
        except IntegrityError:
            email = self.cleaned_data["email"]
            self.account_already_exists = User.objects.filter(email=email).exists()
            return super().try_save(request)

    def sign_up_and_undo(self, request: HttpRequest) -> None:
        """Does what signing up an unknown address does, and takes it back.

        Otherwise the time to answer would tell whether an address has an account: hashing a password
        and creating an organization take twenty times as long as queueing a mail.
        """
        email = self.cleaned_data["email"]
        self.cleaned_data["email"] = f"{secrets.token_hex(16)}@{email.rpartition('@')[2]}"
        try:
            with transaction.atomic():
                get_adapter().save_user(request, User(), self)
                transaction.set_rollback(True)
        finally:
            self.cleaned_data["email"] = email

    def save(self, request: HttpRequest) -> Any:
        """The user, their home and their address in one transaction.

        Where the link does not prove the address, the usual code is mailed.
        """
        if self.invitation and self.link and self.link.proves_address:
            get_adapter().stash_verified_email(request, self.invitation.email)
        with transaction.atomic():
            return super().save(request)
