"""The format of every secret text: `<prefix>_<body><43 base62><6 base62 of CRC32>`, and its HMAC.

The checksum lets a typo be refused without a query and lets a scanner find leaked ones; see
docs/security.md for the published pattern.
"""

import hmac
import zlib

from accounts.crypto.peppers import peppers
from accounts.fields import ALPHABET

MAC_LENGTH = 43  # base62 characters that hold 256 bits
CHECKSUM_LENGTH = 6


def encode_base62(number: int, length: int) -> str:
    """`number` in base62, padded to `length` characters; ValueError when it does not fit."""
    digits = []
    for _ in range(length):
        number, rest = divmod(number, 62)
        digits.append(ALPHABET[rest])
    if number:
        raise ValueError("number too large")
    return "".join(reversed(digits))


def compute_mac(*parts: str) -> str:
    """HMAC-SHA256 of `parts` under the present pepper, as 43 base62 characters."""
    return compute_macs(*parts)[0]


def compute_macs(*parts: str) -> list[str]:
    """What `compute_mac` gives or gave for `parts` under each known pepper, the present one first."""
    message = "\x00".join(parts).encode()
    digests = (pepper.hmac(message) for pepper in peppers())
    return [encode_base62(int.from_bytes(digest), MAC_LENGTH) for digest in digests]


def add_checksum(text: str) -> str:
    return text + encode_base62(zlib.crc32(text.encode()), CHECKSUM_LENGTH)


def has_checksum(text: str) -> bool:
    """Whether `text` ends in the checksum of what stands before it."""
    return hmac.compare_digest(
        add_checksum(text[:-CHECKSUM_LENGTH]).encode(), text.encode("utf-8", "replace")
    )
