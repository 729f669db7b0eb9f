"""Subclasses of django-allauth's forms."""

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
    """Uses our labels, and drops placeholders that repeat them."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs.pop("placeholder", None)
            label = str(field.label or "").replace("Email", "Email address")
            field.label = label[:1] + label[1:].lower()


class AddEmailForm(PlainLabels, allauth_forms.AddEmailForm):
    """A new email address."""


class ChangePasswordForm(PlainLabels, allauth_forms.ChangePasswordForm):
    """A new password, confirmed by the current one."""

    revoke_tokens = forms.BooleanField(
        label="Revoke my personal access tokens",
        required=False,
        initial=True,
        help_text="Scripts that use them stop working. Leave this on if someone may know your old password.",
    )

    def save(self) -> None:
        get_adapter().set_password(
            self.user,
            self.cleaned_data["password1"],
            revoke_tokens=self.cleaned_data["revoke_tokens"],
        )


class ResetPasswordForm(PlainLabels, allauth_forms.ResetPasswordForm):
    """Requests a password-reset email."""


class ResetPasswordKeyForm(PlainLabels, allauth_forms.ResetPasswordKeyForm):
    """A new password, chosen with the link in the email."""


class LoginForm(PlainLabels, allauth_forms.LoginForm):
    """Email address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Our field normalizes the address before it is checked.
        widget = self.fields["login"].widget
        self.fields["login"] = AddressFormField(label="Email address", widget=widget)
        self.fields["remember"].label = "Keep me signed in"
        self.fields["password"].help_text = ""
        self.signup_closed = not get_adapter().is_open_for_signup(context.request)


class SignUpForm(PlainLabels, allauth_forms.SignupForm):
    """Name, email address and password. With an invitation, the address is the invited one."""

    account_already_exists: bool
    name = NameFormField(label="Name", widget=forms.TextInput(attrs={"autocomplete": "name"}))
    field_order = ["name", "email", "password1"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        widget = self.fields["email"].widget
        self.fields["email"] = AddressFormField(label="Email address", widget=widget)
        self.fields["password1"].label = "Password"
        self.fields["password1"].help_text = "At least 15 characters. A few random words work well."
        self.invitation: Invitation | None = None
        self.link: Link | None = None
        if invitation_and_link := find_sign_up_invitation(context.request):
            self.invitation, self.link = invitation_and_link
            self.fields["email"].initial = self.invitation.email
            self.fields["email"].widget.attrs["readonly"] = True

    def clean_email(self) -> str:
        email: str = super().clean_email()
        if self.invitation and email != self.invitation.email:
            raise forms.ValidationError(
                "This invitation is for another email address. Sign up with %(email)s.",
                params={"email": self.invitation.email},
            )
        return email

    def try_save(self, request: HttpRequest) -> Any:
        """Returns the user and a response. A concurrent sign-up may take the same address or slug."""
        if self.account_already_exists:
            self.sign_up_and_undo(request)
        try:
            return super().try_save(request)
        except IntegrityError:
            email = self.cleaned_data["email"]
            self.account_already_exists = User.objects.filter(email=email).exists()
            return super().try_save(request)

    def sign_up_and_undo(self, request: HttpRequest) -> None:
        """Signs up an unknown address and rolls that back.

        Otherwise the response time would disclose whether an address has an account: hashing a password and
        creating an organization take twenty times as long as queueing an email.
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
        """Saves the user, their home and their email address in one transaction.

        The mailed link proves the address; otherwise a code is mailed as usual.
        """
        if self.invitation and self.link and self.link.proves_address:
            get_adapter().stash_verified_email(request, self.invitation.email)
        with transaction.atomic():
            return super().save(request)
