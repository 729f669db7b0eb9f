"""Exact amounts: 64-bit integers in both databases, decimal text outside, never a float.

quantity in 10⁻⁶ units, unit price in 10⁻¹² USD, cost in 10⁻¹⁰ USD, rounded half-even for each record.
"""

import re
from decimal import Decimal

QUANTITY_DIGITS, PRICE_DIGITS, COST_DIGITS = 6, 12, 10
LARGEST = 2**63 - 1
QUANTITY_SCALE: int = 10**QUANTITY_DIGITS
MOST_PLAIN_DIGITS = 12  # whole numbers of that many digits always fit
# quantity × unit price has 18 digits behind the point; a cost keeps 10 of them.
COST_DIVISOR: int = 10 ** (QUANTITY_DIGITS + PRICE_DIGITS - COST_DIGITS)
HALF = COST_DIVISOR // 2
DECIMAL = re.compile(r"(-?)([0-9]{1,18})(?:\.([0-9]{1,18}))?", re.ASCII)


class Unusable(ValueError):
    """The text is no amount of that many digits, or it does not fit into 64 bits."""


def scaled(text: str, digits: int) -> int:
    """`text`, a plain decimal such as `12.5`, in units of 10^-digits; Unusable for anything else."""
    match = DECIMAL.fullmatch(text)
    if match is None:
        raise Unusable("it is not a plain decimal such as 12.5")
    sign, whole, fraction = match[1], match[2], (match[3] or "").rstrip("0")
    if len(fraction) > digits:
        raise Unusable(f"it has more than {digits} digits behind the point")
    value = int(whole) * 10**digits + int(fraction.ljust(digits, "0") or "0")
    return fitting(-value if sign else value)


def fitting(value: int) -> int:
    """`value` when it fits into 64 bits, else Unusable."""
    if abs(value) > LARGEST:
        raise Unusable("it is too large")
    return value


def quantity_of(given: str | int) -> int:
    """A quantity that was used, in 10⁻⁶ units; Unusable when it is no amount, negative or too large."""
    text = str(given)
    if len(text) <= MOST_PLAIN_DIGITS and text.isdecimal() and text.isascii():  # nearly all are
        return int(text) * QUANTITY_SCALE
    quantity = scaled(text, QUANTITY_DIGITS)
    if quantity < 0:
        raise Unusable("it is negative; take usage back with a correction")
    return quantity


def text_of(value: int, digits: int) -> str:
    """An amount as decimal text, without trailing zeros: 1500000 with 6 digits is `1.5`."""
    whole, fraction = divmod(abs(value), 10**digits)
    tail = str(fraction).rjust(digits, "0").rstrip("0")
    return f"{'-' if value < 0 else ''}{whole}{'.' if tail else ''}{tail}"


def decimal_of(value: int, digits: int) -> Decimal:
    return Decimal(value).scaleb(-digits)


def cost_of(quantity: int, unit_price: int) -> int:
    """The cost of a record, half-even; Unusable when it does not fit into 64 bits."""
    cost, rest = divmod(quantity * unit_price, COST_DIVISOR)
    # Rounded down so far, also below 0: half-even looks the same from both sides.
    if rest > HALF or (rest == HALF and cost & 1):
        cost += 1
    if -LARGEST <= cost <= LARGEST:
        return cost
    raise Unusable("its cost is too large")
