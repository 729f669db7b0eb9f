"""Slugs, which are unique across the console: suggests free ones and handles those that are taken."""

import re
import unicodedata
from collections.abc import Callable, Iterator
from typing import TypeVar

from django.db import IntegrityError, transaction

from accounts.errors import Conflict
from accounts.fields import random_text
from accounts.validators import RESERVED_SLUGS

SUGGESTED_LENGTH = 40
TAKEN = "This slug is taken. Choose another, or leave it empty to have one made for you."
Created = TypeVar("Created")


def slugify_name(name: str) -> str:
    """Returns `name` as a slug of ASCII lower-case letters, digits and hyphens; can be empty."""
    ascii_name = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_name).strip("-")[:SUGGESTED_LENGTH].strip("-")


def suggest_slugs(name: str, fallback: str) -> Iterator[str]:
    """Yields slugs for `name`, the plainest first; later ones are random and will be free."""
    base = slugify_name(name) or fallback
    if base not in RESERVED_SLUGS:
        yield base
    for number in range(2, 6):
        yield f"{base}-{number}"
    while True:
        yield f"{base}-{random_text(6).lower()}"


def create_with_slug(
    create: Callable[[str], Created],
    typed: str,
    suggested: Iterator[str],
    is_taken: Callable[[str], bool],
) -> Created:
    """Calls `create` with the `typed` slug or, if that is empty, the first suggestion that is free.

    Raises Conflict if the typed slug is taken. Slugs are not locked, so one can be taken between the check
    and the insert; for a suggestion the next one is tried then.
    """
    while True:
        slug = typed or next(slug for slug in suggested if not is_taken(slug))
        try:
            with transaction.atomic():
                return create(slug)
        except IntegrityError:
            if not is_taken(slug):
                raise
            if typed:
                raise Conflict({"slug": TAKEN}) from None
