"""The peppers: keys of every HMAC that the console stores or derives.

PEPPER is the present one; PEPPER_PREVIOUS lists those that it replaced (docs/operating.md says how).
"""

import functools
import hashlib
import hmac
from dataclasses import dataclass

from django.conf import settings

PEPPER_ID_LENGTH = 8


@dataclass(frozen=True)
class Pepper:
    """The key of the HMAC. Its id is stored beside each one, so that peppers can be changed."""

    id: str
    key: bytes

    def hmac(self, message: bytes) -> bytes:
        """HMAC-SHA256 of `message`, 32 bytes."""
        return hmac.digest(self.key, message, "sha256")


def present_pepper() -> Pepper:
    """The one that everything new is written under."""
    return peppers()[0]


def peppers() -> tuple[Pepper, ...]:
    """Those that stored HMACs may be under: PEPPER, then the ones in PEPPER_PREVIOUS."""
    return load_peppers(settings.PEPPER, tuple(settings.PEPPER_PREVIOUS))


@functools.cache
def load_peppers(current: str, previous: tuple[str, ...]) -> tuple[Pepper, ...]:
    return tuple(Pepper(pepper_id(text), text.encode()) for text in (current, *previous))


def pepper_id(text: str) -> str:
    """Eight hexadecimal characters that name a pepper and tell nothing of it."""
    return hashlib.sha256(b"pepper\x00" + text.encode()).hexdigest()[:PEPPER_ID_LENGTH]
