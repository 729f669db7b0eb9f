"""Encrypts stored secrets that have to be read again: AES-256-GCM under ENCRYPTION_KEY."""

import base64
import hashlib
import secrets

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings

VERSION = "1"  # of the key and the format, so that both can be changed later
NONCE_LENGTH = 12  # bytes, what GCM is specified for


class UndecryptableError(Exception):
    """The text was encrypted with another key or for another purpose, or was changed."""


def cipher() -> AESGCM:
    return AESGCM(hashlib.sha256(settings.ENCRYPTION_KEY.encode()).digest())


def encrypt(text: str, *, purpose: str) -> str:
    """Returns `text` encrypted; `decrypt` needs the same `purpose`."""
    nonce = secrets.token_bytes(NONCE_LENGTH)
    box = nonce + cipher().encrypt(nonce, text.encode(), purpose.encode())
    return f"{VERSION}:{base64.b64encode(box).decode()}"


def decrypt(box: str, *, purpose: str) -> str:
    """Returns what `encrypt` was given. Raises UndecryptableError for anything else."""
    version, _, encoded = box.partition(":")
    try:
        raw = base64.b64decode(encoded, validate=True)
        if version != VERSION or len(raw) <= NONCE_LENGTH:
            raise UndecryptableError
        text = cipher().decrypt(raw[:NONCE_LENGTH], raw[NONCE_LENGTH:], purpose.encode())
    except (ValueError, InvalidTag) as error:
        raise UndecryptableError from error
    return text.decode()
