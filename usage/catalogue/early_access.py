"""Early access: which products are attributed to projects, and where usage of the others is billed.

Reads the catalogue each time, so it is correct from the day on which support enables a product.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from usage.models import Product

MAX_LISTED = 3  # products in a banner


class BillingRule(NamedTuple):
    """Some usage, and where it is billed."""

    usage: str
    location: str


class ProductRow(NamedTuple):
    """A row of the page."""

    product: Product
    rules: list[BillingRule]


MULTI_PROJECT = [
    BillingRule("With an API key", "the project of the key"),
    BillingRule("With a personal token", "the project of the token"),
]
DEFAULT_PROJECT = [
    BillingRule("With an API key, or a member’s token", "the Default Project of the organization"),
    BillingRule(
        "With an external collaborator’s token", "the Default Project of their home organization"
    ),
]
PLAYGROUND = [BillingRule("Always", "the Default Project of the organization in use")]


def list_rows() -> list[ProductRow]:
    """Returns every product with its billing rules."""
    return [ProductRow(product, choose_rules(product)) for product in Product.objects.all()]


def choose_rules(product: Product) -> list[BillingRule]:
    """Returns the rules of usage/attribution.py in words."""
    if product.is_playground:
        return PLAYGROUND
    return MULTI_PROJECT if product.multi_project else DEFAULT_PROJECT


def list_unattributed_products(products: Iterable[Product] | None = None) -> str:
    """Returns the products without project attribution as a banner lists them, '' for none.

    Reads the catalogue unless `products` are all of it.
    """
    if products is None:
        products = Product.objects.not_yet_multi_project()
    return join_names([product.name for product in products if product.is_not_yet_multi_project])


def join_names(names: Sequence[str]) -> str:
    """Returns `A and B`, or the first few and the number of the others: A, B, C and 2 more."""
    if len(names) > MAX_LISTED:
        return f"{', '.join(names[:MAX_LISTED])} and {len(names) - MAX_LISTED} more"
    return " and ".join(part for part in (", ".join(names[:-1]), *names[-1:]) if part)
