"""Slugs, unique over the whole console: a suggested one gets a suffix by itself, a typed one may be taken."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import TypeVar

from django.db import IntegrityError, transaction

from accounts.errors import Conflict
from accounts.fields import random_text
from accounts.validators import RESERVED_SLUGS

SUGGESTED_LENGTH = 40
TAKEN = "That slug is taken. Choose another, or leave it empty to get one that is free."
Made = TypeVar("Made")


def slugify_name(name: str) -> str:
    """`name` as a slug: ASCII lower case and single hyphens; empty when nothing of it is left."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")[:SUGGESTED_LENGTH].strip("-")


def suggest_slugs(name: str, fallback: str) -> Iterator[str]:
    """Slugs for `name`, the plainest first; the later ones are random and will be free."""
    base = slugify_name(name) or fallback
    if base not in RESERVED_SLUGS:
        yield base
    for number in range(2, 6):
        yield f"{base}-{number}"
    while True:
        yield f"{base}-{random_text(6).lower()}"


def create_with_slug(
    make: Callable[[str], Made],
    typed: str,
    suggested: Iterator[str],
    is_taken: Callable[[str], bool],
) -> Made:
    """What `make` makes with the `typed` slug or, without one, with the first that is free.

    Conflict when the typed one is taken. No lock covers slugs: somebody may take one between the
    look and the insert. A suggested one is then followed by the next.
    """
    while True:
        slug = typed or next(slug for slug in suggested if not is_taken(slug))
        try:
            with transaction.atomic():
                return make(slug)
        except IntegrityError:
            if not is_taken(slug):
                raise
            if typed:
                raise Conflict({"slug": TAKEN}) from None
