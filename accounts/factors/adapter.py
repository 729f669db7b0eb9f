"""The adapter that connects django-allauth's second factors to our settings and encryption."""

from typing import Any
from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser

from accounts.crypto.encryption import decrypt, encrypt
from accounts.models import User

PURPOSE = "second factor"
SERVICE = "Console"


def host_name() -> str:
    """Returns the host name that people use, to which passkeys are bound."""
    return urlsplit(settings.BASE_URL).hostname or ""


class FactorAdapter(DefaultMFAAdapter):
    """Hooks of django-allauth. The rules are in services."""

    def encrypt(self, text: str) -> str:
        """Encrypts the secret of an authenticator app, and the seed of recovery codes."""
        return encrypt(text, purpose=PURPOSE)

    def decrypt(self, encrypted_text: str) -> str:
        return decrypt(encrypted_text, purpose=PURPOSE)

    def get_totp_issuer(self) -> str:
        return f"{SERVICE} ({host_name()})"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        return {"id": host_name(), "name": SERVICE}

    def get_public_key_credential_user_entity(self, user: AbstractBaseUser) -> dict[str, Any]:
        """Returns who a new passkey belongs to.

        The id is stored in the passkey and sent at sign-in, so it is never a primary key.
        """
        assert isinstance(user, User)
        return {
            "id": user.public_id.encode(),
            "name": user.email,
            "display_name": user.name or user.email,
        }
