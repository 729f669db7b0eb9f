"""The ceremonies of passkeys (WebAuthn): options for the browser, and checks of what it returns.

Each passkey can be used without an email address, and verifies its user by PIN, fingerprint or face.
"""

import struct
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

from allauth.core import context
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from fido2.cose import CoseKey
from fido2.webauthn import AuthenticatorData

from accounts.factors.credentials import check_levels
from accounts.fields import PUBLIC_ID
from accounts.models import User

REFUSED = "This passkey was not accepted. Try again, or use another way to sign in."
# What the library and its parsers raise for wrong values, beyond those that credentials.py refuses.
MALFORMED = (
    *(ValidationError, ValueError, TypeError, KeyError, AttributeError, IndexError),
    *(struct.error, AssertionError, NotImplementedError, OverflowError, RecursionError),
    *(InvalidSignature, UnsupportedAlgorithm),
)
# In the session: when the challenge in it was made, as a Unix timestamp.
CHALLENGED = "passkey_challenged_at"
CHALLENGE_LIFETIME = 300  # seconds


def build_registration_options(user: User) -> dict[str, Any]:
    """Returns the options for creating a passkey; its challenge is kept in the session."""
    context.request.session[CHALLENGED] = time.time()
    options: dict[str, Any] = auth.begin_registration(user, passwordless=True)
    return options


def build_sign_in_options(user: User | None) -> dict[str, Any]:
    """Returns the options for using a passkey of `user`; if None, any that the browser offers."""
    context.request.session[CHALLENGED] = time.time()
    options: dict[str, Any] = auth.begin_authentication(user)
    return options


def check_registration(credential: dict[str, Any]) -> None:
    """Raises ValidationError unless the browser created `credential` for the challenge in the session."""
    with using_challenge(), refusing_malformed():
        response = auth.parse_registration_response(credential)
        check_origin(response.response.client_data.origin)
        data = auth.complete_registration(credential)
        check_public_key(data)
        attestation = response.response.attestation_object
        check_levels([attestation.att_stmt, data.extensions, data.credential_data.public_key])
        if not data.is_user_verified():
            raise ValueError("not verified")


@contextmanager
def using_challenge() -> Iterator[None]:
    """Lets the library use the challenge in the session, which counts once and for `CHALLENGE_LIFETIME`.

    Raises ValidationError if there is none.
    """
    challenged_at = context.request.session.pop(CHALLENGED, 0)
    try:
        if challenged_at < time.time() - CHALLENGE_LIFETIME:
            raise ValidationError(REFUSED)
        yield
    finally:
        auth.clear_state()


@contextmanager
def refusing_malformed() -> Iterator[None]:
    """Raises ValidationError in place of `MALFORMED`. Not for code of ours: its errors must be seen."""
    try:
        yield
    except MALFORMED as error:
        raise ValidationError(REFUSED) from error


def check_public_key(data: AuthenticatorData) -> None:
    """Raises one of `MALFORMED` unless the new passkey has a key with which signatures can be checked."""
    key = data.credential_data.public_key if data.credential_data else {}
    if key.get(3) not in CoseKey.supported_algorithms():
        raise ValueError("unknown algorithm")
    with suppress(InvalidSignature):
        CoseKey.parse(key).verify(b"", b"none")


def check_sign_in(user: User | None, credential: dict[str, Any]) -> Authenticator:
    """Returns the passkey of `user`, or of anyone, that signed the challenge in the session.

    Raises ValidationError otherwise, with the same message for unknown people and unknown passkeys.
    """
    with using_challenge():
        with refusing_malformed():
            response = auth.parse_authentication_response(credential).response
            check_origin(response.client_data.origin)
            handle = "" if user else read_handle(response.user_handle)
        owner = user or find_owner(handle)
        with refusing_malformed():
            passkey: Authenticator = auth.complete_authentication(owner, credential)
        data = response.authenticator_data
        if not data.is_user_verified() or not advance_counter(passkey, data.counter):
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


def read_handle(handle: bytes | None) -> str:
    """Returns the public id that is stored in the passkey. Raises ValueError if there is none."""
    text = (handle or b"").decode()
    if not PUBLIC_ID.fullmatch(text):
        raise ValueError("no public id")
    return text


def find_owner(public_id: str) -> User:
    """Returns the active user with that public id. Raises ValidationError if there is none."""
    user = User.objects.filter(public_id=public_id, is_active=True).first()
    if user is None:
        raise ValidationError(REFUSED)
    return user


@transaction.atomic
def advance_counter(passkey: Authenticator, count: int) -> bool:
    """Stores the passkey's signature counter. Returns False if it did not go up.

    Then the passkey may have been copied. Passkeys that do not count always send 0, which is accepted. It
    does not go up either if the passkey has just been removed.
    """
    row = Authenticator.objects.select_for_update().filter(pk=passkey.pk).first()
    if row is None:
        return False
    seen = row.data.get("sign_count", 0)
    if count <= seen and (count or seen):
        return False
    row.data["sign_count"] = count
    row.save(update_fields=["data"])
    passkey.data = row.data
    return True
