"""Acts on the catalogue in Django admin: the form of each, what it would change, and what that does."""

import datetime as dt

from django.http import HttpRequest
from django.urls import reverse

from accounts.actors import Actor
from accounts.forms import ActionForm
from accounts.support.admin_actions import StaffAction, call_creating_service, call_service
from usage.catalogue.forms import (
    LineItemForm,
    NewLineItemForm,
    NewPriceForm,
    NewProductForm,
    PriceForm,
    product_form,
)
from usage.catalogue.previews import (
    KEEPS,
    price_rows,
    review_line_item,
    review_new_line_item,
    review_new_price,
    review_new_product,
    review_price,
    review_product,
)
from usage.catalogue.price_book import Catalogue
from usage.catalogue.services.prices import (
    ADD_PRICE,
    CHANGE_PRICE,
    DELETE_PRICE,
    change_price,
    create_price,
    delete_price,
    has_begun,
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


def product_facts(product: Product) -> Facts:
    return [("Product", product.name), ("Code", product.code)]


def line_item_facts(line_item: LineItem) -> Facts:
    return [
        *product_facts(line_item.product),
        ("Line item", f"{line_item.name} ({line_item.code})"),
        ("Unit", line_item.unit),
    ]


def price_facts(price: Price) -> Facts:
    return [*line_item_facts(price.line_item), ("Model", price.model or "Any")]


def taken_back_facts(price: Price) -> Facts:
    line_item = price.line_item
    before = price.starts_on - dt.timedelta(days=1)
    held = Catalogue.read().price(line_item.pk, price.model, before)
    changes = price_rows(line_item.unit, price.unit_price, held)
    return [
        *price_facts(price),
        ("From", f"{price.starts_on}, 00:00 UTC"),
        *((label, f"{was} → {will}") for label, was, will in changes),
        ("What happens", f"The price before it goes on holding. {KEEPS}"),
    ]


def take_back(request: HttpRequest, price: Price) -> str:
    delete_price(actor=Actor.of(request), price=price)
    return reverse("admin:usage_lineitem_change", args=[price.line_item_id])


ADD_A_PRODUCT = StaffAction(
    name="create",
    title="Add product",
    button="Add product",
    form=lambda data, nothing: NewProductForm(data),
    facts=lambda nothing: [],
    review=review_new_product,
    perform=call_creating_service(create_product),
    done="Added. Next it needs a line item.",
    permission=ADD_PRODUCT,
)
CHANGE_A_PRODUCT = StaffAction(
    name="edit",
    title="Change product",
    button="Change product",
    form=product_form,
    facts=product_facts,
    review=review_product,
    perform=call_service(change_product, "product"),
    done="Changed.",
    permission=CHANGE_PRODUCT,
)
ADD_A_LINE_ITEM = StaffAction(
    name="line-item",
    title="Add line item",
    button="Add line item",
    form=lambda data, product: NewLineItemForm(data),
    facts=product_facts,
    review=review_new_line_item,
    perform=call_service(create_line_item, "product"),
    done="Added. Next it needs a price.",
    permission=ADD_LINE_ITEM,
)
CHANGE_A_LINE_ITEM = StaffAction(
    name="edit",
    title="Change line item",
    button="Change line item",
    form=lambda data, item: LineItemForm(
        data, initial={"name": item.name, "counts_requests": item.counts_requests}
    ),
    facts=line_item_facts,
    review=review_line_item,
    perform=call_service(change_line_item, "line_item"),
    done="Changed.",
    permission=CHANGE_LINE_ITEM,
)
ADD_A_PRICE = StaffAction(
    name="price",
    title="Add price",
    button="Add price",
    form=lambda data, line_item: NewPriceForm(data, line_item=line_item),
    facts=line_item_facts,
    review=review_new_price,
    perform=call_service(create_price, "line_item"),
    done="Added.",
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
    facts=price_facts,
    review=review_price,
    perform=call_service(change_price, "price"),
    done="Changed.",
    permission=CHANGE_PRICE,
    is_open=lambda price: not has_begun(price),
)
TAKE_PRICE_BACK = StaffAction(
    name="take-back",
    title="Take price back",
    button="Take back",
    form=lambda data, price: ActionForm(data),
    facts=taken_back_facts,
    perform=take_back,
    done="Taken back. The price before it goes on holding.",
    permission=DELETE_PRICE,
    is_open=lambda price: not has_begun(price),
)
