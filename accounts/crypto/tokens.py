"""The format of secrets, `<prefix>_<body><43 base62><6 base62 of CRC32>`, and their HMACs.

With the checksum a typo is refused without a query, and scanners find leaked secrets; docs/security.md
publishes the pattern.
"""

import hmac
import zlib

from accounts.crypto.peppers import peppers
from accounts.fields import ALPHABET

MAC_LENGTH = 43  # base62 characters that hold 256 bits
CHECKSUM_LENGTH = 6


def encode_base62(number: int, length: int) -> str:
    """Returns `number` in base62, padded to `length` characters. Raises ValueError if it does not fit."""
    digits = []
    for _ in range(length):
        number, rest = divmod(number, 62)
        digits.append(ALPHABET[rest])
    if number:
        raise ValueError("number too large")
    return "".join(reversed(digits))


def compute_mac(*parts: str) -> str:
    """Returns the HMAC-SHA256 of `parts` under the present pepper, as 43 base62 characters."""
    return compute_macs(*parts)[0]


def compute_macs(*parts: str) -> list[str]:
    """Returns the HMACs of `parts` under each pepper, the present one first."""
    message = "\x00".join(parts).encode()
    digests = (pepper.hmac(message) for pepper in peppers())
    return [encode_base62(int.from_bytes(digest), MAC_LENGTH) for digest in digests]


def add_checksum(text: str) -> str:
    return text + encode_base62(zlib.crc32(text.encode()), CHECKSUM_LENGTH)


def has_checksum(text: str) -> bool:
    """Returns whether `text` ends in the checksum of what precedes it."""
    return hmac.compare_digest(
        add_checksum(text[:-CHECKSUM_LENGTH]).encode(), text.encode("utf-8", "replace")
    )
