"""Django admin for support staff: the catalogue, and reattributions.

Only actions add or change rows. Each calls a service, which records it in the audit log.
"""

from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import F, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import URLPattern, reverse
from django.utils import timezone

from accounts.access.decorators import READ_METHODS
from accounts.admin import ReadOnly
from accounts.support.admin_actions import StaffActionsAdmin
from accounts.web.elements import draw_link
from usage.amounts import PRICE_DIGITS, format_decimal
from usage.catalogue.admin_actions import (
    ADD_A_LINE_ITEM,
    ADD_A_PRICE,
    ADD_A_PRODUCT,
    ADD_ANY_PRICE,
    ADD_FROM_PRESET,
    CANCEL_PRICE,
    CHANGE_A_LINE_ITEM,
    CHANGE_A_PRICE,
    CHANGE_A_PRODUCT,
)
from usage.catalogue.aliases import (
    ADD_AN_ALIAS,
    CHANGE_AN_ALIAS,
    REMOVE_AN_ALIAS,
    REST,
)
from usage.catalogue.multi_project import TURN_ON_MULTI_PROJECT, build_move_url
from usage.catalogue.prices_text import format_price
from usage.catalogue.unpriced import DAYS, MAX_LISTED, describe_rest, list_unpriced_models
from usage.models import LineItem, ModelAlias, Price, Product, Reattribution
from usage.reattribution.admin import ReattributionAdmin

admin.site.register(Reattribution, ReattributionAdmin)


class CatalogueAdmin(ReadOnly, StaffActionsAdmin):
    change_form_template = "admin/acts_change_form.html"
    change_list_template = "admin/acts_change_list.html"


def build_link(row: LineItem | Price, text: str) -> str:
    url = reverse(f"admin:usage_{row._meta.model_name}_change", args=[row.pk])
    return draw_link(url, text)


class LineItemInline(ReadOnly, admin.TabularInline[LineItem, Product]):
    model = LineItem
    fields = readonly_fields = ("name_link", "code", "unit", "counts_requests")
    max_num = extra = 0

    @admin.display(description="Name")
    def name_link(self, line_item: LineItem) -> str:
        """Links to the prices of the line item."""
        return build_link(line_item, line_item.name)


class PriceColumns:
    """Columns with formatted prices."""

    @admin.display(description="USD per unit")
    def per_unit(self, price: Price) -> str:
        return format_decimal(price.unit_price, PRICE_DIGITS)

    @admin.display(description="Price")
    def with_unit(self, price: Price) -> str:
        return format_price(price.unit_price, price.line_item.unit)

    @admin.display(description="Organization")
    def customer(self, price: Price) -> str:
        return str(price.organization or "Every")

    @admin.display(description="Model")
    def model_name(self, price: Price) -> str:
        return price.model or "Any"


class PriceInline(PriceColumns, ReadOnly, admin.TabularInline[Price, LineItem]):
    model = Price
    fields = readonly_fields = (
        "model_link", "customer", "with_unit", "per_unit", "starts_on",
    )  # fmt: skip
    ordering = (F("organization").asc(nulls_first=True), "model", "-starts_on")
    max_num = extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Price]:
        return super().get_queryset(request).select_related("organization")

    @admin.display(description="Model")
    def model_link(self, price: Price) -> str:
        """Links to the page where the price can be changed or canceled."""
        return build_link(price, self.model_name(price))


@admin.register(Product)
class ProductAdmin(CatalogueAdmin):
    staff_actions = (CHANGE_A_PRODUCT, TURN_ON_MULTI_PROJECT, ADD_A_LINE_ITEM)
    create_actions = (ADD_A_PRODUCT, ADD_FROM_PRESET)
    list_display = ("name", "code", "multi_project", "is_playground", "description")
    list_filter = ("multi_project",)
    ordering = ("pk",)
    search_fields = ("name", "code", "public_id")
    fields = (
        "public_id", "code", "name", "description", "multi_project", "is_playground",
    )  # fmt: skip
    readonly_fields = fields
    inlines = (LineItemInline,)

    def list_acts(self, request: HttpRequest, row: Any) -> list[tuple[str, str]]:
        acts = super().list_acts(request, row)
        move_url = build_move_url(request.user, row) if row and row.multi_project else None
        return [*acts, (move_url, "Move past usage")] if move_url else acts


@admin.register(LineItem)
class LineItemAdmin(CatalogueAdmin):
    staff_actions = (CHANGE_A_LINE_ITEM, ADD_A_PRICE)
    list_display = ("name", "product", "code", "unit", "counts_requests")
    list_filter = ("product",)
    list_select_related = ("product",)
    ordering = ("product", "pk")
    search_fields = ("name", "code", "product__name", "product__code")
    fields = readonly_fields = (
        "public_id", "product", "code", "name", "unit", "counts_requests", "reported_as",
    )  # fmt: skip
    inlines = (PriceInline,)


@admin.register(Price)
class PriceAdmin(PriceColumns, CatalogueAdmin):
    staff_actions = (CHANGE_A_PRICE, CANCEL_PRICE)
    create_actions = (ADD_ANY_PRICE,)
    list_display = ("line_item", "customer", "model_name", "with_unit", "per_unit", "starts_on")
    list_filter = (
        "line_item__product",
        ("organization", admin.EmptyFieldListFilter),
    )
    ordering = ("line_item", "model", "-starts_on")
    search_fields = (
        "model", "line_item__name", "line_item__code", "line_item__product__name",
        "line_item__product__code", "organization__name", "organization__slug",
    )  # fmt: skip
    fields = readonly_fields = (
        "public_id", "line_item", "customer", "model_name", "with_unit", "per_unit", "starts_on",
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        return super().get_queryset(request).select_related("line_item__product", "organization")


@admin.register(ModelAlias)
class ModelAliasAdmin(CatalogueAdmin):
    change_list_template = "admin/usage/modelalias/change_list.html"
    staff_actions = (CHANGE_AN_ALIAS, REMOVE_AN_ALIAS)
    create_actions = (ADD_AN_ALIAS,)
    list_display = ("pattern", "counts_as")
    ordering = ("pattern",)
    search_fields = ("pattern", "target")
    fields = readonly_fields = ("public_id", "pattern", "counts_as")

    @admin.display(description="Counts as")
    def counts_as(self, alias: ModelAlias) -> str:
        return alias.target or REST

    def get_urls(self) -> list[URLPattern]:
        page = self.build_pattern("unpriced/", "unpriced", self.unpriced_page, methods=READ_METHODS)
        return [page, *super().get_urls()]

    def unpriced_page(self, request: HttpRequest) -> HttpResponse:
        """Shows the models that took the price for any model, with what they cost lately."""
        if not request.user.has_perm("usage.view_modelalias"):
            raise PermissionDenied
        models = list_unpriced_models(timezone.now().date())
        context = {
            **self.admin_site.each_context(request),
            "title": "Models without a price",
            "days": DAYS,
            "models": models[:MAX_LISTED],
            "rest": list(describe_rest(models)),
        }
        return render(request, "admin/usage/modelalias/unpriced.html", context)
