"""How amounts are shown: dollars to the cent, units in short, shares. Files have the exact values."""

from decimal import ROUND_HALF_EVEN, Decimal

from usage.amounts import COST_DIGITS, QUANTITY_DIGITS, decimal_of, text_of

CENT = Decimal("0.01")
TENTH = Decimal("0.1")
# Of what is less than a cent, so many digits that say something are left.
SIGNIFICANT = 2
LARGE = ((10**12, "T"), (10**9, "B"), (10**6, "M"))


def money(cost: int) -> str:
    """A cost (10⁻¹⁰ USD) to the cent; less than a cent with two digits that say something."""
    dollars = decimal_of(abs(cost), COST_DIGITS)
    sign = "-" if cost < 0 else ""
    if not cost or dollars >= CENT:
        return f"{sign}${dollars.quantize(CENT, ROUND_HALF_EVEN):,}"
    digits = min(COST_DIGITS, SIGNIFICANT - 1 - dollars.adjusted())
    return f"{sign}${dollars.quantize(Decimal(1).scaleb(-digits), ROUND_HALF_EVEN):f}"


def exact_money(cost: int) -> str:
    return f"${text_of(cost, COST_DIGITS)}" if cost >= 0 else f"-${text_of(-cost, COST_DIGITS)}"


def units(quantity: int) -> str:
    """A quantity (10⁻⁶ units) in short: 412.8 M, 12,345, 318.5."""
    return short(decimal_of(quantity, QUANTITY_DIGITS))


def short(number: Decimal) -> str:
    for size, letter in LARGE:
        if abs(number) >= size:
            return f"{trimmed(number / size, Decimal('0.01'))} {letter}"
    step = Decimal("0.001") if abs(number) < 1000 else TENTH
    # What is smaller than the last digit shown is no 0.
    return trimmed(number, step) if not number or abs(number) >= step else f"{number.normalize():f}"


def trimmed(number: Decimal, step: Decimal) -> str:
    text = f"{number.quantize(step, ROUND_HALF_EVEN):,}"
    return text.rstrip("0").rstrip(".")


def exact_units(quantity: int) -> str:
    return text_of(quantity, QUANTITY_DIGITS)


def share(part: int, whole: int) -> str:
    """How much of the whole a part is: 49.6 %."""
    if not whole:
        return "—"
    found = Decimal(part) * 100 / Decimal(whole)
    if part and abs(found) < TENTH:
        return "< 0.1 %"
    return f"{found.quantize(TENTH, ROUND_HALF_EVEN)} %"


def unit_name(unit: str, quantity: int = 0) -> str:
    """A unit in words, in the plural unless it is one: tokens, GPU hours, sessions."""
    words = unit.replace("-", " ").replace("gpu", "GPU").replace("gb", "GB")
    return words if quantity == 10**QUANTITY_DIGITS else f"{words}s"
