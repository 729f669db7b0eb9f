"""Formats amounts for people: dollars to the cent, short units, shares. Files have the exact values."""

from decimal import ROUND_HALF_EVEN, Decimal

from usage.amounts import COST_DIGITS, QUANTITY_DIGITS, format_decimal, to_decimal
from usage.enums import Measure

CENT = Decimal("0.01")
TENTH = Decimal("0.1")
SIGNIFICANT_DIGITS = 2  # of an amount below one cent
LARGE = ((10**12, "T"), (10**9, "B"), (10**6, "M"))


def format_money(cost: int) -> str:
    """Formats a cost in 10⁻¹⁰ USD to the cent, and less than a cent with two significant digits."""
    dollars = to_decimal(abs(cost), COST_DIGITS)
    sign = "-" if cost < 0 else ""
    if not cost or dollars >= CENT:
        return f"{sign}${dollars.quantize(CENT, ROUND_HALF_EVEN):,}"
    digits = min(COST_DIGITS, SIGNIFICANT_DIGITS - 1 - dollars.adjusted())
    return f"{sign}${dollars.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN):f}"


def format_exact_money(cost: int) -> str:
    """Formats a cost in 10⁻¹⁰ USD with all its digits."""
    sign = "-" if cost < 0 else ""
    return f"{sign}${format_decimal(abs(cost), COST_DIGITS)}"


def format_units(quantity: int) -> str:
    """Formats a quantity in 10⁻⁶ units: 412.8M, 12,345, 318.5."""
    return format_short(to_decimal(quantity, QUANTITY_DIGITS))


def format_exact_units(quantity: int) -> str:
    return format_decimal(quantity, QUANTITY_DIGITS)


def name_measure(measure: Measure, unit: str) -> str:
    """Returns the name of what a report adds up: Cost, Tokens, or Units without any usage."""
    if measure == Measure.COST:
        return "Cost"
    return format_unit(unit).capitalize() if unit else "Units"


def format_amount(measure: Measure, amount: int) -> str:
    return format_money(amount) if measure == Measure.COST else format_units(amount)


def format_exact_amount(measure: Measure, amount: int) -> str:
    is_cost = measure == Measure.COST
    return format_exact_money(amount) if is_cost else format_exact_units(amount)


def format_short(number: Decimal) -> str:
    """Formats a number with few digits, and millions and more with a letter."""
    for size, letter in LARGE:
        if abs(number) >= size:
            return f"{format_rounded(number / size, Decimal('0.01'))}{letter}"
    step = Decimal("0.001") if abs(number) < 1000 else TENTH
    if not number or abs(number) >= step:
        return format_rounded(number, step)
    return f"{number.normalize():f}"  # rounding would make it 0


def format_rounded(number: Decimal, step: Decimal) -> str:
    text = f"{number.quantize(step, ROUND_HALF_EVEN):,}"
    return text.rstrip("0").rstrip(".")


def format_share(part: int, whole: int) -> str:
    """Formats a part of the whole in percent: 49.6%."""
    if not whole:
        return "—"
    percent = Decimal(part) * 100 / Decimal(whole)
    if part and abs(percent) < TENTH:
        return "< 0.1%"
    return f"{percent.quantize(TENTH, ROUND_HALF_EVEN)}%"


def format_unit(unit: str, quantity: int = 0) -> str:
    """Formats a unit in words, in the plural unless `quantity` is one: tokens, GPU hours, sessions."""
    words = unit.replace("-", " ").replace("gpu", "GPU").replace("gb", "GB")
    return words if quantity == 10**QUANTITY_DIGITS else f"{words}s"
