"""Kinds of fields that the API's answers about usage share."""

from typing import Annotated

from msgspec import Meta

Decimal = Annotated[
    str, Meta(description="A decimal.", pattern=r"^-?[0-9]+(\.[0-9]+)?\Z", examples=["128"])
]
