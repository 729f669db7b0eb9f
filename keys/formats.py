"""The text of keys and credentials: made, checked without a query, and turned into what is stored.

`<prefix>_<43 base62: 256 random bits><6 base62: CRC32 of all before>`, as docs/security.md publishes it.
Of a secret only its HMAC under the pepper is stored, and a hint.
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


API_KEY = re.compile(r"[pd]k_[0-9A-Za-z]{49}", re.ASCII)
CREDENTIAL = re.compile(r"sc_[0-9A-Za-z]{49}", re.ASCII)
ACCESS_TOKEN = re.compile(r"[ap]t_[0-9A-Za-z]{49}", re.ASCII)
# What somebody types who cannot follow a link: without vowels, so that no words come out.
CODE_LETTERS = "BCDFGHJKLMNPQRSTVWXZ"
CODE_LENGTH = 8  # 34 bits: enough for ten minutes, see docs/decisions


def new_secret(prefix: Prefix) -> str:
    """A secret nobody has had before."""
    return add_checksum(f"{prefix}_{encode_base62(secrets.randbits(256), BODY_LENGTH)}")


def is_api_key(text: str) -> bool:
    """Whether `text` can be a key at all: its form and its checksum are right."""
    return API_KEY.fullmatch(text) is not None and has_checksum(text)


def is_credential(text: str) -> bool:
    """Whether `text` can be a service credential at all."""
    return CREDENTIAL.fullmatch(text) is not None and has_checksum(text)


def is_access_token(text: str) -> bool:
    """Whether `text` can be the token of a login or of a project."""
    return ACCESS_TOKEN.fullmatch(text) is not None and has_checksum(text)


def is_secret(prefix: Prefix, text: str) -> bool:
    """Whether `text` can be a secret of that kind."""
    form = rf"{prefix}_[0-9A-Za-z]{{49}}"
    return re.fullmatch(form, text, re.ASCII) is not None and has_checksum(text)


def new_user_code() -> str:
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


def parse_user_code(text: str) -> str:
    """The code somebody typed, as it is stored; empty for what is none."""
    code = re.sub(r"[\s-]", "", text).upper()
    return code if len(code) == CODE_LENGTH and set(code) <= set(CODE_LETTERS) else ""


def format_user_code(code: str) -> str:
    """How people read it: `WDJB-MJHT`."""
    return f"{code[: CODE_LENGTH // 2]}-{code[CODE_LENGTH // 2 :]}"


def make_hint(secret: str) -> str:
    """What a list shows of a secret: `pk_7Qm2…x9Fd`."""
    return f"{secret[:7]}…{secret[-4:]}"


def digest(secret: str, pepper: Pepper) -> bytes:
    """The HMAC-SHA256 of a secret, 32 bytes. No slow hash: the secret has 256 random bits."""
    return pepper.hmac(b"secret\x00" + secret.encode())


def digests(secret: str) -> list[bytes]:
    """What the secret may be stored as: under each known pepper."""
    return [digest(secret, pepper) for pepper in peppers()]
