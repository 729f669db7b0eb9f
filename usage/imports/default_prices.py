"""Finds the models in a file that have no price of their own, and so took the price for any model."""

import datetime as dt
from collections.abc import Mapping

from accounts.models import Organization
from usage.models import Price
from usage.models.catalogue import ANY_MODEL

MAX_PRINTED_NAMES = 20


def find_default_priced(
    organization: Organization, product: str, first_days: Mapping[tuple[str, str], dt.date]
) -> dict[str, list[str]]:
    """Returns the line items without a price of its own for each model, both sorted.

    `organization` is the one for which usage was imported.
    `first_days` has the first UTC day of usage by line item and model. A name that is spelled unlike the
    catalogue's is one of these.
    """
    prices = (
        Price.objects.visible_to(organization)
        .filter(line_item__product__code=product)
        .exclude(model=ANY_MODEL)
    )
    own: dict[tuple[str, str], dt.date] = {}
    for code, model, day in prices.order_by("-starts_on").values_list(
        "line_item__code", "model", "starts_on"
    ):
        own[code, model] = day  # in the end the first
    without: dict[str, list[str]] = {}
    for (code, model), day in sorted(first_days.items()):
        if model != ANY_MODEL and day < own.get((code, model), dt.date.max):
            without.setdefault(model, []).append(code)
    return dict(sorted(without.items()))


def format_default_priced(without: Mapping[str, list[str]]) -> str:
    """Returns a sentence about these models, '' if there are none."""
    if not without:
        return ""
    names = [f"{model} ({', '.join(codes)})" for model, codes in without.items()]
    more = len(names) - MAX_PRINTED_NAMES
    rest = f" and {more:,} more" if more > 0 else ""
    return (
        "These models have no price of their own for what was counted, so they got the price for any "
        f"model: {', '.join(names[:MAX_PRINTED_NAMES])}{rest}."
    )
