"""Products that are yet to be added to the catalogue, from a preset or from a JSON file of the operator."""

from typing import Annotated

import msgspec
from django.core.exceptions import ValidationError
from msgspec import Meta

from accounts.web.api.strict_json import NotJsonError, decode_json
from usage.amounts import PRICE_DIGITS, InvalidAmount, parse_decimal
from usage.models import LineItem, Product
from usage.models.catalogue import ANY_MODEL, CODE_LENGTH, MODEL_LENGTH

CODE = r"^[a-z][a-z0-9]*([-_][a-z0-9]+)*\Z"
Code = Annotated[str, Meta(max_length=CODE_LENGTH, pattern=CODE)]
Unit = Annotated[str, Meta(max_length=20, pattern=CODE)]
Name = Annotated[str, Meta(min_length=1, max_length=100)]
# USD for one unit, as text.
UnitPrice = Annotated[str, Meta(pattern=r"^[0-9]{1,6}(\.[0-9]{1,12})?\Z")]
ModelName = Annotated[str, Meta(max_length=MODEL_LENGTH, pattern=r"^[!-~]+\Z")]


class InvalidCatalogue(ValueError):
    """Why a file is not a catalogue."""


class NewLineItem(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A line item. `price` applies to every model that has no price of its own in `prices`."""

    code: Code
    name: Name
    unit: Unit
    counts_requests: bool = False
    reported_as: str = ""
    price: UnitPrice | None = None
    prices: dict[ModelName, UnitPrice] = {}

    def list_prices(self) -> list[tuple[str, int]]:
        """Returns the models ('' for any) with their prices in 10⁻¹² USD."""
        texts = {**({ANY_MODEL: self.price} if self.price else {}), **self.prices}
        return [(model, parse_decimal(text, PRICE_DIGITS)) for model, text in texts.items()]


class NewProduct(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A product with its line items."""

    code: Code
    name: Name
    line_items: Annotated[list[NewLineItem], Meta(min_length=1)]
    description: Annotated[str, Meta(max_length=200)] = ""
    multi_project: bool = False
    playground: bool = False


class Catalogue(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    products: Annotated[list[NewProduct], Meta(min_length=1)]


def parse_catalogue(content: bytes) -> list[NewProduct]:
    """Returns the products in a JSON file. Raises InvalidCatalogue."""
    try:
        decode_json(content)
        products = msgspec.json.decode(content, type=Catalogue).products
    except (NotJsonError, msgspec.DecodeError) as error:
        raise InvalidCatalogue(str(error)) from error
    for product in products:
        check_product(product)
    return products


def check_product(product: NewProduct) -> None:
    """Raises InvalidCatalogue if the product contradicts itself or a rule of the catalogue."""
    row = Product(code=product.code, name=product.name, description=product.description)
    try:
        row.clean_fields()
        for item in product.line_items:
            line_item = LineItem(
                code=item.code, name=item.name, unit=item.unit, reported_as=item.reported_as
            )
            line_item.clean_fields({"product"})
            item.list_prices()
    except (ValidationError, InvalidAmount) as error:
        text = " ".join(error.messages) if isinstance(error, ValidationError) else str(error)
        raise InvalidCatalogue(f"{product.code}: {text}") from error
    codes = [item.code for item in product.line_items]
    if len(set(codes)) < len(codes):
        raise InvalidCatalogue(f"{product.code}: two line items have the same code")
    if sum(item.counts_requests for item in product.line_items) > 1:
        raise InvalidCatalogue(f"{product.code}: only one line item can count requests")
    if product.playground and product.multi_project:
        raise InvalidCatalogue(f"{product.code}: the playground cannot be multi-project")
