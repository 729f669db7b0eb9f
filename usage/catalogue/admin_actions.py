"""Actions on the catalogue in Django admin: their forms, previews and services."""

import datetime as dt

from django.http import HttpRequest
from django.urls import reverse

from accounts.actors import Actor
from accounts.forms import ActionForm
from accounts.support.admin_actions import StaffAction, call_creating_service, call_service
from usage.catalogue.forms import (
    AnyPriceForm,
    LineItemForm,
    NewLineItemForm,
    NewPriceForm,
    NewProductForm,
    PresetProductForm,
    PriceForm,
    build_product_form,
)
from usage.catalogue.previews import (
    KEEPS_PRICES,
    compare_prices,
    find_current_price,
    preview_line_item,
    preview_new_line_item,
    preview_new_price,
    preview_new_product,
    preview_preset_product,
    preview_price,
    preview_product,
)
from usage.catalogue.services.presets import add_product
from usage.catalogue.services.prices import (
    ADD_PRICE,
    CHANGE_PRICE,
    DELETE_PRICE,
    change_price,
    create_price,
    delete_price,
    has_started,
)
from usage.catalogue.services.products import (
    ADD_LINE_ITEM,
    ADD_PRODUCT,
    CHANGE_LINE_ITEM,
    CHANGE_PRODUCT,
    change_line_item,
    change_product,
    create_line_item,
    create_product,
)
from usage.models import LineItem, Price, Product

Facts = list[tuple[str, object]]


def describe_product(product: Product) -> Facts:
    return [("Product", product.name), ("Code", product.code)]


def describe_line_item(line_item: LineItem) -> Facts:
    return [
        *describe_product(line_item.product),
        ("Line item", f"{line_item.name} ({line_item.code})"),
        ("Unit", line_item.unit),
    ]


def describe_price(price: Price) -> Facts:
    return [
        *describe_line_item(price.line_item),
        *([("Organization", price.organization.name)] if price.organization else []),
        ("Model", price.model or "Any"),
    ]


def describe_cancellation(price: Price) -> Facts:
    previous = find_current_price(price, price.starts_on - dt.timedelta(days=1))
    changes = compare_prices(price.line_item.unit, price.unit_price, previous)
    return [
        *describe_price(price),
        ("From", f"{price.starts_on}, 00:00 UTC"),
        *((label, f"{old} → {new}") for label, old, new in changes),
        ("What happens", f"The previous price stays in effect. {KEEPS_PRICES}"),
    ]


def perform_cancel(request: HttpRequest, price: Price) -> str:
    delete_price(actor=Actor.of(request), price=price)
    return reverse("admin:usage_lineitem_change", args=[price.line_item_id])


ADD_A_PRODUCT = StaffAction(
    name="create",
    title="Add product",
    button="Add product",
    form=lambda data, _: NewProductForm(data),
    facts=lambda _: [],
    review=preview_new_product,
    perform=call_creating_service(create_product),
    done="Product added. Next, add a line item.",
    permission=ADD_PRODUCT,
)
ADD_FROM_PRESET = StaffAction(
    name="preset",
    title="Add product from preset",
    button="Add product",
    form=lambda data, _: PresetProductForm(data),
    facts=lambda _: [],
    review=preview_preset_product,
    perform=call_creating_service(add_product),
    done="Product added, with its line items.",
    permission=ADD_PRODUCT,
)
CHANGE_A_PRODUCT = StaffAction(
    name="edit",
    title="Change product",
    button="Change product",
    form=build_product_form,
    facts=describe_product,
    review=preview_product,
    perform=call_service(change_product, "product"),
    done="Changed.",
    permission=CHANGE_PRODUCT,
)
ADD_A_LINE_ITEM = StaffAction(
    name="line-item",
    title="Add line item",
    button="Add line item",
    form=lambda data, product: NewLineItemForm(data),
    facts=describe_product,
    review=preview_new_line_item,
    perform=call_service(create_line_item, "product"),
    done="Line item added. Next, add a price.",
    permission=ADD_LINE_ITEM,
)
CHANGE_A_LINE_ITEM = StaffAction(
    name="edit",
    title="Change line item",
    button="Change line item",
    form=lambda data, item: LineItemForm(
        data,
        initial={
            "name": item.name,
            "counts_requests": item.counts_requests,
            "reported_as": item.reported_as,
        },
    ),
    facts=describe_line_item,
    review=preview_line_item,
    perform=call_service(change_line_item, "line_item"),
    done="Changed.",
    permission=CHANGE_LINE_ITEM,
)
ADD_A_PRICE = StaffAction(
    name="price",
    title="Add price",
    button="Add price",
    form=lambda data, line_item: NewPriceForm(data, line_item=line_item),
    facts=describe_line_item,
    review=preview_new_price,
    perform=call_service(create_price, "line_item"),
    done="Price added.",
    permission=ADD_PRICE,
)
ADD_ANY_PRICE = StaffAction(
    name="create",
    title="Add price",
    button="Add price",
    form=lambda data, _: AnyPriceForm(data),
    facts=lambda _: [],
    review=lambda _, line_item, **data: preview_new_price(line_item, **data),
    perform=call_creating_service(create_price),
    done="Price added.",
    permission=ADD_PRICE,
)
CHANGE_A_PRICE = StaffAction(
    name="edit",
    title="Change price",
    button="Change price",
    form=lambda data, price: PriceForm(
        data,
        line_item=price.line_item,
        initial={"unit_price": price.unit_price, "starts_on": price.starts_on},
    ),
    facts=describe_price,
    review=preview_price,
    perform=call_service(change_price, "price"),
    done="Changed.",
    permission=CHANGE_PRICE,
    is_open=lambda price: not has_started(price),
)
CANCEL_PRICE = StaffAction(
    name="take-back",
    title="Cancel scheduled price",
    button="Cancel price",
    form=lambda data, price: ActionForm(data),
    facts=describe_cancellation,
    perform=perform_cancel,
    done="Price canceled. The previous price stays in effect.",
    permission=DELETE_PRICE,
    is_open=lambda price: not has_started(price),
)
