"""Amounts as people read them."""

import pytest

from usage.reports.formatting import format_money, format_share, format_unit, format_units


@pytest.mark.parametrize(
    ("cost", "text"),
    [
        (0, "$0.00"),
        (42_450_700_000_000, "$4,245.07"),
        (10_050_000_000, "$1.00"),  # half of a cent goes to the even one
        (10_150_000_000, "$1.02"),
        (100_000_000, "$0.01"),
        (12_300_000, "$0.0012"),
        (1, "$0.0000000001"),
        (-25_000_000_000, "-$2.50"),
        (-42, "-$0.0000000042"),
    ],
)
def test_money_is_rounded_to_cents_and_small_amounts_keep_digits(cost: int, text: str) -> None:
    assert format_money(cost) == text


@pytest.mark.parametrize(
    ("quantity", "text"),
    [
        (0, "0"),
        (1, "0.000001"),
        (318_500_000, "318.5"),
        (12_345_000_000, "12,345"),
        (1_920_000_000_000, "1.92M"),
        (412_800_000_000_000, "412.8M"),
        (2_500_000_000_000_000, "2.5B"),
    ],
)
def test_units_are_said_in_short(quantity: int, text: str) -> None:
    assert format_units(quantity) == text


def test_a_share_of_nothing_is_none() -> None:
    assert format_share(496, 1000) == "49.6%"
    assert format_share(1, 10**9) == "< 0.1%"
    assert format_share(0, 0) == "—"


def test_units_have_names() -> None:
    assert format_unit("gpu-hour", 2 * 10**6) == "GPU hours"
    assert format_unit("session", 10**6) == "session"
