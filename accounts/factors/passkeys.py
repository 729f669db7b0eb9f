"""The ceremonies of passkeys (WebAuthn): options for the browser, and checks of what it returns.

Each passkey can be used without an email address, and verifies its user by PIN, fingerprint or face.
"""

from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from fido2.utils import websafe_decode

from accounts.models import User

REFUSED = "This passkey was not accepted. Try again, or use another way to sign in."
# What the library raises for values of a wrong type or length.
MALFORMED = (ValidationError, ValueError, TypeError, KeyError, AttributeError, IndexError)


def build_registration_options(user: User) -> dict[str, Any]:
    """Returns the options for creating a passkey; its challenge is kept in the session."""
    options: dict[str, Any] = auth.begin_registration(user, passwordless=True)
    return options


def build_sign_in_options(user: User | None) -> dict[str, Any]:
    """Returns the options for using a passkey of `user`; if None, any that the browser offers."""
    options: dict[str, Any] = auth.begin_authentication(user)
    return options


def check_registration(credential: dict[str, Any]) -> None:
    """Raises ValidationError unless the browser created `credential` for the challenge in the session."""
    try:
        response = auth.parse_registration_response(credential)
        check_origin(response.response.client_data.origin)
        is_verified = auth.complete_registration(credential).is_user_verified()
    except MALFORMED as error:
        raise ValidationError(REFUSED) from error
    if not is_verified:
        raise ValidationError(REFUSED)


def check_sign_in(user: User | None, credential: dict[str, Any]) -> Authenticator:
    """Returns the passkey of `user`, or of anyone, that signed the challenge in the session.

    Raises ValidationError otherwise, with the same message for unknown people and unknown passkeys.
    """
    try:
        response = auth.parse_authentication_response(credential)
        check_origin(response.response.client_data.origin)
        owner = user or find_owner(credential)
        passkey: Authenticator = auth.complete_authentication(owner, credential)
        data = response.response.authenticator_data
        is_verified, count = data.is_user_verified(), data.counter
    except MALFORMED as error:
        raise ValidationError(REFUSED) from error
    if not is_verified or not advance_counter(passkey, count):
        raise ValidationError(REFUSED)
    return passkey


def check_origin(origin: str) -> None:
    """Raises ValueError unless the passkey was used on a page of this console.

    In a demo on a loopback address, any port of the host is accepted.
    """
    expected = settings.BASE_URL
    if settings.MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN:
        origin, expected = urlsplit(origin).hostname or "", urlsplit(expected).hostname or ""
    if origin != expected:
        raise ValueError("another origin")


def find_owner(credential: dict[str, Any]) -> User:
    """Returns the user whose public id is stored in the passkey. Raises ValueError if there is none."""
    handle = websafe_decode(credential["response"]["userHandle"]).decode()
    user = User.objects.filter(public_id=handle, is_active=True).first()
    if user is None:
        raise ValueError("no such user")
    return user


@transaction.atomic
def advance_counter(passkey: Authenticator, count: int) -> bool:
    """Stores the passkey's signature counter. Returns False if it did not go up.

    Then the passkey may have been copied. Passkeys that do not count always send 0, which is accepted.
    """
    row = Authenticator.objects.select_for_update().get(pk=passkey.pk)
    seen = row.data.get("sign_count", 0)
    if count <= seen and (count or seen):
        return False
    row.data["sign_count"] = count
    row.save(update_fields=["data"])
    passkey.data = row.data
    return True
