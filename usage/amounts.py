"""Exact amounts: 64-bit integers in both databases, decimal text outside, never a float.

Quantities are in 10⁻⁶ units, unit prices in 10⁻¹² USD, costs in 10⁻¹⁰ USD. The cost of each record is
rounded half-even.
"""

import re
from decimal import Decimal
from typing import NamedTuple

QUANTITY_DIGITS, PRICE_DIGITS, COST_DIGITS = 6, 12, 10
LARGEST = 2**63 - 1
QUANTITY_SCALE: int = 10**QUANTITY_DIGITS
MAX_PLAIN_DIGITS = 12  # whole numbers with this many digits always fit
# quantity × unit price has 18 decimal places; a cost keeps 10 of them.
COST_DIVISOR: int = 10 ** (QUANTITY_DIGITS + PRICE_DIGITS - COST_DIGITS)
HALF = COST_DIVISOR // 2
# A fraction of one of these is a mistake, such as a point that separates thousands.
WHOLE_UNITS = frozenset({"token", "request", "session"})
DECIMAL = re.compile(r"(-?)([0-9]{1,18})(?:\.([0-9]{1,18}))?", re.ASCII)
SCIENTIFIC = re.compile(r"(-?)([0-9]{1,18})(?:\.([0-9]{1,18}))?[eE]([+-]?[0-9]{1,2})", re.ASCII)


class InvalidAmount(ValueError):
    """The text is not an amount with that many decimal places, or it does not fit into 64 bits."""


class Amounts(NamedTuple):
    """Quantity in 10⁻⁶ units, cost in 10⁻¹⁰ USD, and the number of requests."""

    quantity: int = 0
    cost: int = 0
    requests: int = 0

    def __neg__(self) -> "Amounts":
        return Amounts(-self.quantity, -self.cost, -self.requests)

    def plus(self, other: "Amounts") -> "Amounts":
        return Amounts(
            quantity=self.quantity + other.quantity,
            cost=self.cost + other.cost,
            requests=self.requests + other.requests,
        )


def parse_decimal(text: str, digits: int) -> int:
    """Returns a plain decimal such as `12.5` in units of 10^-digits.

    Raises InvalidAmount for anything else.
    """
    match = DECIMAL.fullmatch(text)
    if match is None:
        raise InvalidAmount("it is not a plain decimal such as 12.5")
    sign, whole, fraction = match[1], match[2], (match[3] or "").rstrip("0")
    if len(fraction) > digits:
        raise InvalidAmount(f"it has more than {digits} decimal places")
    value = int(whole) * 10**digits + int(fraction.ljust(digits, "0") or "0")
    return require_64_bits(-value if sign else value)


def parse_scientific(text: str, digits: int) -> int:
    """Returns a number such as `1.28e2` in units of 10^-digits, exactly.

    Raises InvalidAmount for anything else.
    """
    match = SCIENTIFIC.fullmatch(text)
    if match is None:
        raise InvalidAmount("it is not a plain decimal such as 12.5")
    sign, whole, fraction, exponent = match[1], match[2], match[3] or "", int(match[4])
    value, shift = int(whole + fraction), digits + exponent - len(fraction)
    value, rest = (value * 10**shift, 0) if shift >= 0 else divmod(value, 10**-shift)
    if rest:
        raise InvalidAmount(f"it has more than {digits} decimal places")
    return require_64_bits(-value if sign else value)


def require_64_bits(value: int) -> int:
    """Returns `value`. Raises InvalidAmount if it does not fit into 64 bits."""
    if abs(value) > LARGEST:
        raise InvalidAmount("it is too large")
    return value


def parse_quantity(quantity: str | int) -> int:
    """Returns a used quantity in 10⁻⁶ units; 128, 128.0 and 1.28e2 are the same.

    Raises InvalidAmount if it is not a decimal, is negative or is too large.
    """
    text = str(quantity)
    if len(text) <= MAX_PLAIN_DIGITS and text.isdecimal() and text.isascii():  # nearly all are
        return int(text) * QUANTITY_SCALE
    parse = parse_scientific if "e" in text or "E" in text else parse_decimal
    scaled = parse(text, QUANTITY_DIGITS)
    if scaled < 0:
        raise InvalidAmount("it is negative; send a correction to reduce usage")
    return scaled


def require_whole(quantity: int, unit: str) -> int:
    """Returns a quantity in 10⁻⁶ units. Raises InvalidAmount for fractions of an indivisible unit."""
    if quantity % QUANTITY_SCALE and unit in WHOLE_UNITS:
        raise InvalidAmount(f"it is not a whole number, and a {unit} can't be divided")
    return quantity


def format_decimal(value: int, digits: int) -> str:
    """Returns an amount in units of 10^-digits as text, without trailing zeros.

    1500000 with 6 digits is `1.5`.
    """
    whole, fraction = divmod(abs(value), 10**digits)
    tail = str(fraction).rjust(digits, "0").rstrip("0")
    return f"{'-' if value < 0 else ''}{whole}{'.' if tail else ''}{tail}"


def to_decimal(value: int, digits: int) -> Decimal:
    return Decimal(value).scaleb(-digits)


def compute_cost(quantity: int, unit_price: int) -> int:
    """Returns the cost of a record in 10⁻¹⁰ USD, rounded half-even.

    Raises InvalidAmount if it does not fit into 64 bits.
    """
    cost, rest = divmod(quantity * unit_price, COST_DIVISOR)
    # divmod rounds down, below 0 too, so half-even is the same test on both sides.
    if rest > HALF or (rest == HALF and cost & 1):
        cost += 1
    if -LARGEST <= cost <= LARGEST:
        return cost
    raise InvalidAmount("its cost is too large")
