"""Suggests slugs: unique over the whole console, so a suggested one gets a suffix by itself."""

import re
import unicodedata
from collections.abc import Iterator

from accounts.fields import random_text
from accounts.validators import RESERVED_SLUGS

SUGGESTED_LENGTH = 40


def slug_of(name: str) -> str:
    """`name` as a slug: ASCII lower case and single hyphens; empty when nothing of it is left."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")[:SUGGESTED_LENGTH].strip("-")


def suggestions(name: str, fallback: str) -> Iterator[str]:
    """Slugs for `name`, the plainest first; the later ones are random and will be free."""
    base = slug_of(name) or fallback
    if base not in RESERVED_SLUGS:
        yield base
    for number in range(2, 6):
        yield f"{base}-{number}"
    while True:
        yield f"{base}-{random_text(6).lower()}"
