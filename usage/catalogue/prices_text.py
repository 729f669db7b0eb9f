"""Formats unit prices for people, in the unit in which they are advertised."""

from usage.amounts import PRICE_DIGITS, QUANTITY_SCALE, format_decimal
from usage.reports.formatting import format_unit


def is_sold_by_million(unit: str) -> bool:
    """Returns whether a million is advertised: of tokens, but not of hours or sessions."""
    return "token" in unit


def format_price(unit_price: int, unit: str) -> str:
    """Returns a price in 10⁻¹² USD with its unit: $0.88 per million tokens, $5.50 per GPU hour."""
    if is_sold_by_million(unit):
        return f"{format_dollars(unit_price, PRICE_DIGITS - 6)} per million {format_unit(unit)}"
    return f"{format_dollars(unit_price, PRICE_DIGITS)} per {format_unit(unit, QUANTITY_SCALE)}"


def format_dollars(price: int, digits: int) -> str:
    """Returns a price in 10^-digits USD with all its digits, and with two for cents at least."""
    whole, _, fraction = format_decimal(price, digits).partition(".")
    return f"${whole}.{fraction.ljust(2, '0')}"
