"""Peppers: the keys of all HMACs that the console stores or derives.

PEPPER is the present one; PEPPER_PREVIOUS lists those it replaced, see docs/operating.md.
"""

import functools
import hashlib
import hmac
from dataclasses import dataclass

from django.conf import settings

PEPPER_ID_LENGTH = 8


@dataclass(frozen=True)
class Pepper:
    """The key of an HMAC. Its id is stored beside each HMAC, so that peppers can be changed."""

    id: str
    key: bytes

    def hmac(self, message: bytes) -> bytes:
        """Returns the HMAC-SHA256 of `message`, 32 bytes."""
        return hmac.digest(self.key, message, "sha256")


def present_pepper() -> Pepper:
    """Returns the pepper of new HMACs."""
    return peppers()[0]


def peppers() -> tuple[Pepper, ...]:
    """Returns the peppers that stored HMACs may use: PEPPER, then PEPPER_PREVIOUS."""
    return load_peppers(settings.PEPPER, tuple(settings.PEPPER_PREVIOUS))


@functools.cache
def load_peppers(current: str, previous: tuple[str, ...]) -> tuple[Pepper, ...]:
    return tuple(Pepper(pepper_id(text), text.encode()) for text in (current, *previous))


def pepper_id(text: str) -> str:
    """Returns eight hexadecimal characters that identify a pepper without revealing it."""
    return hashlib.sha256(b"pepper\x00" + text.encode()).hexdigest()[:PEPPER_ID_LENGTH]
