"""Cursors of pages: texts in URLs that hold JSON values and that only the console can read and create.

They are encrypted, because the primary key in them would tell how many rows there are, with AES-SIV: the same
values are always the same text, so that the same page always has the same links.
"""

import base64
import functools
import hashlib
import json
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV
from django.conf import settings

TAG_LENGTH = 16  # bytes


@functools.cache
def make_cipher(secret: str) -> AESSIV:
    return AESSIV(hashlib.sha512(b"cursor\x00" + secret.encode()).digest())


def encode_cursor(*values: str | int) -> str:
    return encode_box(make_cipher(settings.SECRET_KEY).encrypt(json.dumps(values).encode(), None))


def decode_cursor(text: str) -> list[Any]:
    """Returns the values in a cursor. Raises ValueError for a text that `encode_cursor` has not returned.

    A cursor may be one of another list, so callers check the values.
    """
    box = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
    if len(box) <= TAG_LENGTH or encode_box(box) != text:
        raise ValueError("not a cursor")
    try:
        values: list[Any] = json.loads(make_cipher(settings.SECRET_KEY).decrypt(box, None))
    except InvalidTag as error:
        raise ValueError("not a cursor") from error
    return values


def encode_box(box: bytes) -> str:
    return base64.urlsafe_b64encode(box).decode().rstrip("=")
