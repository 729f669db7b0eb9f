"""Django admin for support staff: the catalogue of what is sold; reattribution_admin.py moves past usage.

Nothing is added, changed or deleted but by the acts, each of which is a service that audits it.
"""

from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html

from accounts.admin import ReadOnly
from accounts.support.admin_actions import StaffActionsAdmin
from usage.amounts import PRICE_DIGITS, text_of
from usage.catalogue.admin_actions import (
    ADD_A_LINE_ITEM,
    ADD_A_PRICE,
    ADD_A_PRODUCT,
    CHANGE_A_LINE_ITEM,
    CHANGE_A_PRICE,
    CHANGE_A_PRODUCT,
    TAKE_PRICE_BACK,
)
from usage.models import LineItem, Price, Product, Reattribution
from usage.reattribution.admin import ReattributionAdmin

admin.site.register(Reattribution, ReattributionAdmin)


class CatalogueAdmin(ReadOnly, StaffActionsAdmin):
    change_form_template = "admin/acts_change_form.html"
    change_list_template = "admin/acts_change_list.html"


def link_to(row: LineItem | Price, text: str) -> str:
    address = reverse(f"admin:usage_{row._meta.model_name}_change", args=[row.pk])
    return format_html('<a href="{}">{}</a>', address, text)


class LineItemInline(ReadOnly, admin.TabularInline[LineItem, Product]):
    model = LineItem
    fields = readonly_fields = ("linked", "code", "unit", "counts_requests")
    max_num = extra = 0

    @admin.display(description="Name")
    def linked(self, line_item: LineItem) -> str:
        """The way to its prices."""
        return link_to(line_item, line_item.name)


class ShowsPrice:
    """Prices as people read them."""

    @admin.display(description="USD for one unit")
    def per_unit(self, price: Price) -> str:
        return text_of(price.unit_price, PRICE_DIGITS)

    @admin.display(description="USD for a million")
    def per_million(self, price: Price) -> str:
        return text_of(price.unit_price, PRICE_DIGITS - 6)

    @admin.display(description="Model")
    def for_model(self, price: Price) -> str:
        return price.model or "Any"


class PriceInline(ShowsPrice, ReadOnly, admin.TabularInline[Price, LineItem]):
    model = Price
    fields = readonly_fields = ("linked", "per_unit", "per_million", "starts_on")
    ordering = ("model", "-starts_on")
    max_num = extra = 0

    @admin.display(description="Model")
    def linked(self, price: Price) -> str:
        """The way to change it or to take it back."""
        return link_to(price, self.for_model(price))


@admin.register(Product)
class ProductAdmin(CatalogueAdmin):
    staff_actions = (CHANGE_A_PRODUCT, ADD_A_LINE_ITEM)
    create_actions = (ADD_A_PRODUCT,)
    list_display = ("name", "code", "multi_project", "is_playground", "description")
    list_filter = ("multi_project",)
    ordering = ("pk",)
    search_fields = ("name", "code", "public_id")
    fields = (
        "public_id", "code", "name", "description", "multi_project", "is_playground",
    )  # fmt: skip
    readonly_fields = fields
    inlines = (LineItemInline,)


@admin.register(LineItem)
class LineItemAdmin(CatalogueAdmin):
    staff_actions = (CHANGE_A_LINE_ITEM, ADD_A_PRICE)
    list_display = ("name", "product", "code", "unit", "counts_requests")
    list_filter = ("product",)
    list_select_related = ("product",)
    ordering = ("product", "pk")
    search_fields = ("name", "code", "product__name", "product__code")
    fields = readonly_fields = (
        "public_id", "product", "code", "name", "unit", "counts_requests",
    )  # fmt: skip
    inlines = (PriceInline,)


@admin.register(Price)
class PriceAdmin(ShowsPrice, CatalogueAdmin):
    staff_actions = (CHANGE_A_PRICE, TAKE_PRICE_BACK)
    list_display = ("line_item", "for_model", "per_unit", "per_million", "starts_on")
    list_filter = ("line_item__product",)
    ordering = ("line_item", "model", "-starts_on")
    search_fields = (
        "model", "line_item__name", "line_item__code", "line_item__product__name",
        "line_item__product__code",
    )  # fmt: skip
    fields = readonly_fields = (
        "public_id", "line_item", "for_model", "per_unit", "per_million", "starts_on",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("line_item__product")
