"""Amounts are exact: what goes in as decimal text comes out as the same, and costs round half to even."""

from decimal import ROUND_HALF_EVEN, Decimal, localcontext

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from usage.amounts import (
    COST_DIGITS,
    LARGEST,
    PRICE_DIGITS,
    QUANTITY_DIGITS,
    InvalidAmount,
    compute_cost,
    format_decimal,
    parse_decimal,
    parse_quantity,
)

AMOUNT = st.integers(-LARGEST, LARGEST)


@given(AMOUNT)
def test_text_and_back_is_the_same_amount(value: int) -> None:
    assert parse_decimal(format_decimal(value, QUANTITY_DIGITS), QUANTITY_DIGITS) == value


@given(AMOUNT, st.integers(0, LARGEST))
@example(1, 50_000_000)  # exactly half of 10⁻¹⁰ USD, and three halves, from both sides
@example(3, 50_000_000)
@example(-1, 50_000_000)
@example(-3, 50_000_000)
def test_a_cost_is_what_decimal_arithmetic_says(quantity: int, unit_price: int) -> None:
    with localcontext() as context:
        context.prec = 60
        exact = Decimal(quantity).scaleb(-QUANTITY_DIGITS) * Decimal(unit_price).scaleb(
            -PRICE_DIGITS
        )
        rounded = exact.quantize(Decimal(1).scaleb(-COST_DIGITS), ROUND_HALF_EVEN)
        expected = int(rounded.scaleb(COST_DIGITS))
    if abs(expected) > LARGEST:
        with pytest.raises(InvalidAmount):
            compute_cost(quantity, unit_price)
    else:
        assert compute_cost(quantity, unit_price) == expected


@pytest.mark.parametrize(
    "text",
    [
        *("", " ", "1,5", "1e3", "1E3", "NaN", "Infinity", "-", ".5", "5.", "+1", "0x10", "1_000"),
        *(" 1", "1 ", "1\n", "١٢", "1.0000001", "9223372036854.775808", "9" * 19, "½"),
    ],
)
def test_what_is_no_amount_of_six_digits_is_refused(text: str) -> None:
    with pytest.raises(InvalidAmount):
        parse_decimal(text, QUANTITY_DIGITS)


def test_zeros_at_the_end_are_no_further_digits() -> None:
    assert parse_decimal("1.500000000", QUANTITY_DIGITS) == 1_500_000
    assert parse_decimal("-0", QUANTITY_DIGITS) == 0
    assert parse_decimal("9223372036854.775807", QUANTITY_DIGITS) == LARGEST


@pytest.mark.parametrize("text", ["128", "128.0", "1.28e2", "1.28E+2", "12800e-2", "0.0128e4"])
def test_a_quantity_is_the_same_however_it_is_written(text: str) -> None:
    assert parse_quantity(text) == 128_000_000


@given(st.decimals(0, 10**12, places=6), st.integers(-9, 9))
def test_an_exponent_is_read_exactly(value: Decimal, exponent: int) -> None:
    text = f"{value:f}e{exponent}"
    exact = value.scaleb(exponent + QUANTITY_DIGITS)
    if exact != int(exact) or exact > LARGEST:
        with pytest.raises(InvalidAmount):
            parse_quantity(text)
    else:
        assert parse_quantity(text) == exact


@pytest.mark.parametrize("text", ["1e", "e1", "1e1.5", "1e100", "1e-7", "1e13", "-1e2", "1 e2"])
def test_an_exponent_is_no_way_around_the_limits(text: str) -> None:
    with pytest.raises(InvalidAmount):
        parse_quantity(text)
