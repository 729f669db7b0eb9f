"""Early access: which products work across projects, and where usage of the others is billed.

Read from the catalogue each time, so it is true on the day support flips a switch.
"""

from collections.abc import Sequence
from typing import NamedTuple

from usage.models import Product

NAMED = 3  # products that a banner names


class Landing(NamedTuple):
    """Whose usage, and where it is billed."""

    whose: str
    where: str


class Line(NamedTuple):
    """A product of the page."""

    product: Product
    landings: list[Landing]


ACROSS = [
    Landing("With an API key", "the project of the key"),
    Landing("With a personal token", "the project that the token is for"),
]
NOT_YET = [
    Landing("With an API key, or a member’s token", "the Default Project of the organization"),
    Landing(
        "With an external collaborator’s token", "the Default Project of their home organization"
    ),
]
PLAYGROUND = [Landing("Always", "the Default Project of the organization that it runs under")]


def catalogue() -> list[Line]:
    """Every product, and where its usage is billed."""
    return [Line(one, landings(one)) for one in Product.objects.all()]


def landings(product: Product) -> list[Landing]:
    """The rules of usage/attribution.py in words."""
    if product.is_playground:
        return PLAYGROUND
    return ACROSS if product.multi_project else NOT_YET


def waiting() -> str:
    """The products that do not work across projects yet, as a banner names them; '' for none."""
    return enumerated([one.name for one in Product.objects.not_yet_multi_project()])


def enumerated(names: Sequence[str]) -> str:
    """The first of them, and how many there are besides: A, B, C and 2 more."""
    if len(names) > NAMED:
        return f"{', '.join(names[:NAMED])} and {len(names) - NAMED} more"
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)
