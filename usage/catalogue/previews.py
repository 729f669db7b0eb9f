"""What acts on the catalogue would change, and what that does: shown before it is done."""

import datetime as dt

from accounts.support.admin_actions import Review
from usage.amounts import PRICE_DIGITS, text_of
from usage.catalogue.price_book import Catalogue
from usage.catalogue.services.prices import first_open_day
from usage.models import LineItem, Price, Product

ON = [
    "From the next event on usage of {name} lands in the project of its key or of the user's token.",
    "Past usage stays where it is until it is re-attributed (Re-attributions, Move usage).",
]
OFF = [
    "From the next event on usage of {name} lands in the Default Project of the organization.",
    "Usage with an external collaborator's token lands in that of their home organization.",
    "Past usage stays where it is.",
]
KEEPS = "Usage that is counted already keeps its price; a late event meets the price of its day."


def yes(flag: bool) -> str:  # noqa: FBT001
    return "Yes" if flag else "No"


def review_new_product(
    nothing: None, *, code: str, name: str, description: str, multi_project: bool
) -> Review:
    changes = [
        ("Code", "", code),
        ("Name", "", name),
        ("Description", "", description),
        ("Multi-project", "", yes(multi_project)),
    ]
    effects = [
        "The code never changes. A product cannot be deleted.",
        "Events of it are refused until it has a line item with a price.",
    ]
    return Review(changes, effects)


def review_product(product: Product, *, name: str, description: str, multi_project: bool) -> Review:
    changes = [
        ("Name", product.name, name),
        ("Description", product.description, description),
        ("Multi-project", yes(product.multi_project), yes(multi_project)),
    ]
    effects = []
    if multi_project != product.multi_project:
        effects = [text.format(name=name) for text in (ON if multi_project else OFF)]
    if (name, description) != (product.name, product.description):
        effects.append("Customers see the new words at once, on past usage too.")
    return Review(changes, effects)


def review_new_line_item(
    product: Product, *, code: str, name: str, unit: str, counts_requests: bool
) -> Review:
    changes = [
        ("Code", "", code),
        ("Name", "", name),
        ("Unit", "", unit),
        ("Counts requests", "", yes(counts_requests)),
    ]
    effects = [
        "Code and unit never change. A line item cannot be deleted.",
        "Events of it are refused (no_price) until it has a price.",
    ]
    return Review(changes, effects)


def review_line_item(line_item: LineItem, *, name: str, counts_requests: bool) -> Review:
    changes = [
        ("Name", line_item.name, name),
        ("Counts requests", yes(line_item.counts_requests), yes(counts_requests)),
    ]
    effects = []
    if counts_requests != line_item.counts_requests:
        what = "counts as a request" if counts_requests else "counts as no request"
        effects = [f"Each record from now on {what}. Requests counted so far stay."]
    return Review(changes, effects)


def priced(unit_price: int | None) -> tuple[str, str]:
    """For one unit and for a million."""
    if unit_price is None:
        return "No price", "No price"
    million = text_of(unit_price, PRICE_DIGITS - 6)
    return f"{text_of(unit_price, PRICE_DIGITS)} USD", f"{million} USD"


def price_rows(unit: str, before: int | None, after: int | None) -> list[tuple[str, str, str]]:
    one, million = zip(priced(before), priced(after), strict=True)
    return [(f"One {unit}", *one), (f"A million ({unit})", *million)]


def models_said(line_item: LineItem, model: str) -> str:
    """Which usage a price for `model` is for."""
    if model:
        return f"Usage of the model {model} alone."
    own = line_item.prices.exclude(model="").order_by("model")
    names = list(own.values_list("model", flat=True).distinct())
    return "Every model" + (
        f", but those with a price of their own: {', '.join(names)}." if names else "."
    )


def until_said(line_item: LineItem, model: str, day: dt.date, but: Price | None = None) -> str:
    later = line_item.prices.filter(model=model, starts_on__gt=day)
    following = later.exclude(pk=but.pk if but else 0).order_by("starts_on").first()
    until = f" until the end of {following.starts_on - dt.timedelta(days=1)}" if following else ""
    return f"It holds from {day}, 00:00 UTC, on{until}."


def review_new_price(
    line_item: LineItem, *, model: str, unit_price: int, starts_on: dt.date
) -> Review:
    before = Catalogue.read().price(line_item.pk, model, starts_on)
    rows = price_rows(line_item.unit, before, unit_price)
    effects = [models_said(line_item, model), until_said(line_item, model, starts_on)]
    if starts_on < first_open_day():
        effects.append(
            "It begins in the past: events sent from now on with a time since then are counted at it."
        )
    return Review([*rows, ("From", "", str(starts_on))], [*effects, KEEPS])


def review_price(price: Price, *, unit_price: int, starts_on: dt.date) -> Review:
    line_item = price.line_item
    rows = price_rows(line_item.unit, price.unit_price, unit_price)
    effects = [
        models_said(line_item, price.model),
        until_said(line_item, price.model, starts_on, but=price),
    ]
    return Review([*rows, ("From", str(price.starts_on), str(starts_on))], [*effects, KEEPS])
