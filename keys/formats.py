"""Creates the texts of secrets, checks them without a query, and derives what is stored of them.

`<prefix>_<43 base62: 256 random bits><6 base62: CRC32 of all before>`, as docs/security.md publishes it.
Only the HMAC of a secret under the pepper is stored, and a hint.
"""

import re
import secrets
from enum import StrEnum

from accounts.crypto.peppers import Pepper, peppers
from accounts.crypto.tokens import add_checksum, encode_base62, has_checksum

BODY_LENGTH = 43  # base62 characters that hold 256 bits


class Prefix(StrEnum):
    """What a secret is for, readable by people and scanners."""

    PROJECT_KEY = "pk"
    DEFAULT_KEY = "dk"
    CREDENTIAL = "sc"
    LOGIN = "at"
    PROJECT = "pt"
    REFRESH = "rt"
    DEVICE = "dc"
    PERSONAL = "ut"
    ADMIN_KEY = "ak"
    SERVICE_ACCOUNT = "st"


API_KEY = re.compile(r"[pd]k_[0-9A-Za-z]{49}", re.ASCII)
CREDENTIAL = re.compile(r"sc_[0-9A-Za-z]{49}", re.ASCII)
ACCESS_TOKEN = re.compile(r"[ap]t_[0-9A-Za-z]{49}", re.ASCII)
# Letters of the code that people type when they cannot follow a link. Without vowels there are no words.
CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
CODE_LENGTH = 8  # 34 bits: enough for ten minutes, see docs/decisions


def new_secret(prefix: Prefix) -> str:
    """Returns a new secret with 256 random bits."""
    return add_checksum(f"{prefix}_{encode_base62(secrets.randbits(256), BODY_LENGTH)}")


def is_api_key(text: str) -> bool:
    """Returns whether form and checksum of `text` are those of an API key."""
    return API_KEY.fullmatch(text) is not None and has_checksum(text)


def is_credential(text: str) -> bool:
    """Returns whether form and checksum of `text` are those of a service credential."""
    return CREDENTIAL.fullmatch(text) is not None and has_checksum(text)


def is_access_token(text: str) -> bool:
    """Returns whether form and checksum of `text` are those of a terminal's token."""
    return ACCESS_TOKEN.fullmatch(text) is not None and has_checksum(text)


def is_secret(prefix: Prefix, text: str) -> bool:
    """Returns whether form and checksum of `text` are those of a secret with `prefix`."""
    form = rf"{prefix}_[0-9A-Za-z]{{49}}"
    return re.fullmatch(form, text, re.ASCII) is not None and has_checksum(text)


def new_user_code() -> str:
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


def parse_user_code(text: str) -> str:
    """Returns a code as it is stored, or an empty text if what was typed is not a code."""
    code = re.sub(r"[\s-]", "", text).upper()
    return code if len(code) == CODE_LENGTH and set(code) <= set(CODE_LETTERS) else ""


def format_user_code(code: str) -> str:
    """Returns a code as people read it: `WDJB-MJHT`."""
    return f"{code[: CODE_LENGTH // 2]}-{code[CODE_LENGTH // 2 :]}"


def make_hint(secret: str) -> str:
    """Returns the part of a secret that lists show: `pk_7Qm2…x9Fd`."""
    return f"{secret[:7]}…{secret[-4:]}"


def digest(secret: str, pepper: Pepper) -> bytes:
    """Returns the HMAC-SHA256 of a secret, 32 bytes. It needs no slow hash, having 256 random bits."""
    return pepper.hmac(b"secret\x00" + secret.encode())


def digests(secret: str) -> list[bytes]:
    """Returns the digests that the secret may be stored as, one for each pepper."""
    return [digest(secret, pepper) for pepper in peppers()]
