"""Forms of second factors: codes, responses of passkeys, and names."""

from typing import Any

import structlog
from allauth.mfa.models import Authenticator
from django import forms
from django.core.exceptions import ValidationError

from accounts.crypto.encryption import UndecryptableError
from accounts.enums import FactorType
from accounts.errors import TooMany
from accounts.factors import authenticator_app, passkeys
from accounts.factors.code_limits import count_attempt
from accounts.factors.credentials import read_credential
from accounts.forms import ActionForm, NameFormField
from accounts.models import User

log = structlog.get_logger("sign_in")
WRONG_CODE = "This code is wrong or was already used. Enter the next one."
UNREADABLE = (
    "We can't check codes right now because of a problem on our side. "
    "Use a passkey, or contact support."
)
CODE_LENGTH = 20
CREDENTIAL_LENGTH = 20_000  # characters; an attestation has up to a few thousand


class UnreadableFactor(ValidationError):
    """A second factor can't be decrypted. `was_checked` is whether another one has refused the code."""

    def __init__(self, *, was_checked: bool) -> None:
        super().__init__(UNREADABLE)
        self.was_checked = was_checked


def find_code(user: User, code: str) -> Authenticator | None:
    """Returns the authenticator app or recovery codes that accept `code`, which then can't be used again.

    None if the code is wrong. Raises UnreadableFactor if ENCRYPTION_KEY has changed since one was added.
    """
    is_readable, was_checked = True, False
    for factor in user.authenticator_set.exclude(type=FactorType.PASSKEY).order_by("-type"):
        try:
            if is_right(factor, code):
                return factor
            was_checked = True
        except UndecryptableError:
            log.warning(
                "second factor cannot be decrypted",
                user=user.public_id,
                reason="ENCRYPTION_KEY has changed",
            )
            is_readable = False
    if not is_readable:
        raise UnreadableFactor(was_checked=was_checked)
    return None


def is_right(factor: Authenticator, code: str) -> bool:
    """Returns whether the factor accepts `code`, which then can't be used again.

    A factor that has just been removed accepts no code.
    """
    try:
        return bool(factor.wrap().validate_code(code))
    except Authenticator.DoesNotExist:
        return False


class CodeField(forms.CharField):
    """A code of an authenticator app, or a recovery code."""

    def __init__(self, label: str) -> None:
        attributes = {"autocomplete": "one-time-code", "inputmode": "numeric", "autofocus": True}
        widget = forms.TextInput(attrs=attributes)
        super().__init__(label=label, max_length=CODE_LENGTH, widget=widget)


class SecondFactorForm(ActionForm):
    """A code at sign-in, and whether to trust this browser."""

    code = CodeField("Code")
    trust = forms.BooleanField(
        label="Trust this browser for 30 days",
        required=False,
        help_text="You won't need a second factor in this browser. Only do this on your own devices.",
    )

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data)
        self.user = user
        self.factor: Authenticator | None = None
        self.was_checked = False  # stays so for codes that are empty, too long or over the limit

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        try:
            usage = count_attempt(self.user)
        except TooMany:
            self.too_many = True
            raise
        try:
            self.factor = find_code(self.user, code)
        except UnreadableFactor as error:
            self.was_checked = error.was_checked
            if not self.was_checked:
                usage.rollback()
            raise
        self.was_checked = True
        if self.factor is None:
            raise ValidationError(WRONG_CODE, code="wrong_code")
        usage.rollback()
        return code


class CredentialField(forms.CharField):
    """The response of a passkey as JSON, which the script fills in."""

    def __init__(self) -> None:
        super().__init__(max_length=CREDENTIAL_LENGTH, widget=forms.HiddenInput)

    def clean(self, value: Any) -> Any:
        text = super().clean(value)
        try:
            return read_credential(text)
        except ValueError as error:
            raise ValidationError(passkeys.REFUSED) from error


class PasskeyForm(ActionForm):
    """A sign-in or confirmation with a passkey of `user`, or of anyone if `user` is None."""

    credential = CredentialField()

    def __init__(self, data: Any, *, user: User | None) -> None:
        super().__init__(data)
        self.user = user
        self.factor: Authenticator | None = None

    def clean_credential(self) -> dict[str, Any]:
        credential: dict[str, Any] = self.cleaned_data["credential"]
        self.factor = passkeys.check_sign_in(self.user, credential)
        return credential


class FactorNameForm(ActionForm):
    """The name of a passkey or an authenticator app."""

    name = NameFormField(label="Name", help_text="Helps you recognize it later.")


class AddPasskeyForm(FactorNameForm):
    """A new passkey."""

    credential = CredentialField()

    def clean_credential(self) -> dict[str, Any]:
        credential: dict[str, Any] = self.cleaned_data["credential"]
        passkeys.check_registration(credential)
        return credential


class SetUpAppForm(FactorNameForm):
    """The first code of a new authenticator app."""

    code = CodeField("Code from the app")
    field_order = ("code", "name")

    def __init__(self, data: Any, *, secret: str) -> None:
        super().__init__(data, initial={"name": "Authenticator app"})
        self.secret = secret

    def clean_code(self) -> str:
        code: str = self.cleaned_data["code"]
        if not authenticator_app.matches_code(self.secret, code):
            raise ValidationError("This code is wrong. Check that your device's clock is right.")
        return code
