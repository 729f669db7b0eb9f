"""Previews of changes to the catalogue, which support staff confirm."""

import datetime as dt
from copy import copy

from accounts.models import Organization
from accounts.support.admin_actions import Review
from usage.amounts import PRICE_DIGITS, format_decimal
from usage.catalogue.new_products import NewProduct
from usage.catalogue.price_book import PriceBook
from usage.catalogue.prices_text import is_sold_by_million
from usage.catalogue.services.prices import find_open_day
from usage.enums import UsageField
from usage.ids import LineItemId, OrganizationId
from usage.models import LineItem, Price, Product
from usage.models.catalogue import ANY_MODEL

TURNED_ON = [
    "From the next event on, usage of {name} is billed to the project of its key or of the user's token.",
    "Past usage stays where it is until you move it (Reattributions, Move usage).",
]
TURNED_OFF = [
    "From the next event on, usage of {name} is billed to the Default Project of the organization.",
    "Usage with an external collaborator's token is billed to the one of their home organization.",
    "Past usage stays where it is.",
]
STARTS_COUNTING = "From now on each record counts as a request. Requests counted so far stay."
STOPS_COUNTING = "From now on records don't count as requests. Requests counted so far stay."
KEEPS_PRICES = "Recorded usage keeps its price. Late events get the price of their day."


def format_flag(flag: bool) -> str:  # noqa: FBT001
    return "Yes" if flag else "No"


def preview_new_product(
    _: None, *, code: str, name: str, description: str, multi_project: bool
) -> Review:
    changes = [
        ("Code", "", code),
        ("Name", "", name),
        ("Description", "", description),
        ("Multi-project", "", format_flag(multi_project)),
    ]
    effects = [
        "The code never changes. A product cannot be deleted.",
        "Its events are rejected until it has a line item with a price.",
    ]
    return Review(changes, effects)


def preview_preset_product(_: None, *, product: NewProduct, starts_on: dt.date | None) -> Review:
    changes = [
        ("Code", "", product.code),
        ("Name", "", product.name),
        ("Description", "", product.description),
        ("Multi-project", "", format_flag(product.multi_project)),
    ]
    for item in product.line_items:
        changes.append((item.name, "", f"by the {item.unit}"))
        for model, price in item.list_prices() if starts_on else ():
            label = f"{item.name}, {model or 'any model'}"
            changes.append((label, "", f"{format_decimal(price, PRICE_DIGITS)} USD"))
    priced = f"Its usage is billed at these prices from {starts_on}, 00:00 UTC, on."
    effects = [
        "Codes and units never change. A product cannot be deleted.",
        priced if starts_on else "Its events are rejected (no_price) until you add prices.",
    ]
    return Review(changes, effects)


def preview_product(
    product: Product, *, name: str, description: str, multi_project: bool
) -> Review:
    changes = [
        ("Name", product.name, name),
        ("Description", product.description, description),
        ("Multi-project", format_flag(product.multi_project), format_flag(multi_project)),
    ]
    effects = []
    if multi_project != product.multi_project:
        effects = [text.format(name=name) for text in (TURNED_ON if multi_project else TURNED_OFF)]
    if (name, description) != (product.name, product.description):
        effects.append(
            "Customers see the new name and description immediately, for past usage too."
        )
    return Review(changes, effects)


def preview_new_line_item(
    product: Product, *, code: str, name: str, unit: str, counts_requests: bool, reported_as: str
) -> Review:
    changes = [
        ("Code", "", code),
        ("Name", "", name),
        ("Unit", "", unit),
        ("Counts requests", "", format_flag(counts_requests)),
        ("Counted by the usage API as", "", format_usage_field(reported_as)),
    ]
    effects = [
        "The code and unit never change. A line item cannot be deleted.",
        "Its events are rejected (no_price) until it has a price.",
    ]
    return Review(changes, effects)


def preview_line_item(
    line_item: LineItem, *, name: str, counts_requests: bool, reported_as: str
) -> Review:
    changes = [
        ("Name", line_item.name, name),
        ("Counts requests", format_flag(line_item.counts_requests), format_flag(counts_requests)),
        (
            "Counted by the usage API as",
            format_usage_field(line_item.reported_as),
            format_usage_field(reported_as),
        ),
    ]
    effects = []
    if counts_requests != line_item.counts_requests:
        effects = [STARTS_COUNTING if counts_requests else STOPS_COUNTING]
    if reported_as != line_item.reported_as:
        effects.append("Customers' programs see it there immediately, for past usage too.")
    return Review(changes, effects)


def format_usage_field(value: str) -> str:
    return UsageField(value).label if value else "Nothing"


def format_prices(unit_price: int | None) -> tuple[str, str]:
    """Returns the price of one unit and of a million."""
    if unit_price is None:
        return "No price", "No price"
    million = format_decimal(unit_price, PRICE_DIGITS - 6)
    return f"{format_decimal(unit_price, PRICE_DIGITS)} USD", f"{million} USD"


def compare_prices(unit: str, before: int | None, after: int | None) -> list[tuple[str, str, str]]:
    single, million = zip(format_prices(before), format_prices(after), strict=True)
    row = (f"One {unit}", *single)
    return [row, (f"A million ({unit})", *million)] if is_sold_by_million(unit) else [row]


def describe_models(price: Price) -> str:
    """Returns the usage that a price applies to."""
    subject = f"For {price.organization.name}, it" if price.organization else "It"
    if price.model:
        return f"{subject} applies only to the model {price.model}, regardless of case."
    siblings = price.line_item.prices.filter(organization=price.organization)
    model_prices = siblings.exclude(model=ANY_MODEL).order_by("model")
    names = list(model_prices.values_list("model", flat=True).distinct())
    if names:
        return (
            f"{subject} applies to every model except those with their own price: "
            f"{', '.join(names)}."
        )
    return f"{subject} applies to every model."


def describe_customers(price: Price) -> list[str]:
    """Returns a sentence about the organizations with prices of their own, none for such a price."""
    customers = price.line_item.prices.exclude(organization=None)
    count = customers.values("organization").distinct().count()
    if price.organization or not count:
        return []
    names = f"{count} organization{'s' if count > 1 else ''}"
    return [f"It does not change the prices that {names} agreed on for this line item."]


def describe_duration(price: Price) -> str:
    """Returns from when until when a price applies."""
    later = Price.objects.like(price).filter(starts_on__gt=price.starts_on)
    following = later.exclude(pk=price.pk).order_by("starts_on").first()
    if following:
        last_day = following.starts_on - dt.timedelta(days=1)
        return f"It applies from {price.starts_on}, 00:00 UTC, to the end of {last_day}."
    return f"It applies from {price.starts_on}, 00:00 UTC."


def find_current_price(price: Price, day: dt.date) -> int | None:
    """Returns what usage that `price` is for costs on `day`, in 10⁻¹² USD, None without a price."""
    customer = OrganizationId(price.organization_id) if price.organization_id else None
    book = PriceBook.fetch([customer] if customer else [])
    book.fetch_canonical_names([price.model])
    match = book.find_price(LineItemId(price.line_item_id), price.model, day, customer)
    return match.unit_price if match else None


def preview_new_price(
    line_item: LineItem,
    *,
    organization: Organization | None,
    model: str,
    unit_price: int,
    starts_on: dt.date,
) -> Review:
    price = Price(line_item=line_item, organization=organization, model=model, starts_on=starts_on)
    rows = compare_prices(line_item.unit, find_current_price(price, starts_on), unit_price)
    effects = [describe_models(price), *describe_customers(price), describe_duration(price)]
    if starts_on < find_open_day():
        effects.append(
            "It starts in the past: events that you send from now on with a time since then get this price."
        )
    if organization:
        rows.append(("Organization", "", organization.name))
        effects.append("It appears in the organization’s audit log and on its price list.")
    return Review([*rows, ("From", "", str(starts_on))], [*effects, KEEPS_PRICES])


def preview_price(price: Price, *, unit_price: int, starts_on: dt.date) -> Review:
    rows = compare_prices(price.line_item.unit, price.unit_price, unit_price)
    after = copy(price)
    after.starts_on = starts_on
    effects = [describe_models(after), *describe_customers(after), describe_duration(after)]
    return Review([*rows, ("From", str(price.starts_on), str(starts_on))], [*effects, KEEPS_PRICES])
