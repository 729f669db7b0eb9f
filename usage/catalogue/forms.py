"""Forms with which support staff maintain the catalogue."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator

from accounts.forms import ActionForm, CreatingForm, NameFormField
from accounts.models import Organization
from accounts.validators import SLUG_LENGTH
from usage.amounts import PRICE_DIGITS, InvalidAmount, format_decimal, parse_decimal
from usage.catalogue.new_products import NewProduct
from usage.catalogue.presets import PRESET_PRODUCTS
from usage.catalogue.services.prices import find_open_day, require_open_day
from usage.enums import UsageField
from usage.models import LineItem, Price, Product
from usage.models.catalogue import CODE_LENGTH, MODEL_LENGTH, validate_code

PLAIN = forms.TextInput(attrs={"autocomplete": "off"})


class CodeFormField(forms.CharField):
    default_validators = [validate_code]

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": CODE_LENGTH, "widget": PLAIN, **kwargs})


class UnitPriceField(forms.CharField):
    """USD for one unit as a plain decimal with up to 12 decimal places; cleans to 10⁻¹² USD."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"max_length": 40, "widget": PLAIN, **kwargs})

    def clean(self, value: Any) -> Any:
        try:
            price = parse_decimal(super().clean(value), PRICE_DIGITS)
        except InvalidAmount as error:
            raise ValidationError(f"Enter a price such as 0.00000088: {error}.") from error
        if price < 0:
            raise ValidationError("Enter a price that is not negative.")
        return price

    def prepare_value(self, value: Any) -> Any:
        return format_decimal(value, PRICE_DIGITS) if isinstance(value, int) else value


class ProductForm(ActionForm):
    """The fields of a product that can be changed."""

    name = NameFormField(label="Name", widget=PLAIN)
    description = forms.CharField(
        label="Description", max_length=200, required=False, widget=PLAIN, help_text="One line."
    )
    multi_project = forms.BooleanField(
        label="Multi-project",
        required=False,
        help_text="Usage is billed to its intended project instead of the Default Project.",
    )


class NewProductForm(CreatingForm, ProductForm):
    code = CodeFormField(
        label="Code",
        help_text="What programs call it, such as instant-clusters. You can't change it later.",
    )
    field_order = ("code", "name", "description", "multi_project")


class PresetProductForm(ActionForm):
    """A product of a preset that the catalogue does not have, with its line items and their prices."""

    starts_on = forms.DateField(
        label="Prices from",
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        help_text="From 00:00 UTC on that day. Leave it empty to add prices yourself.",
    )

    def __init__(self, data: Any, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        present = set(Product.objects.values_list("code", flat=True))
        choices = [
            (code, f"{product.name}: {product.description}")
            for code, product in PRESET_PRODUCTS.items()
            if code not in present
        ]
        self.fields["product"] = forms.ChoiceField(label="Product", choices=choices)

        self.order_fields(("product", "starts_on"))

    def clean_product(self) -> NewProduct:
        return PRESET_PRODUCTS[self.cleaned_data["product"]]


class LineItemForm(ActionForm):
    """The fields of a line item that can be changed."""

    name = NameFormField(label="Name", widget=PLAIN)
    counts_requests = forms.BooleanField(
        label="Counts requests",
        required=False,
        help_text="Each record of it is a request. Only one line item of a product can have this.",
    )
    reported_as = forms.ChoiceField(
        label="Counted by the usage API as",
        choices=[("", "Nothing, only as a cost"), *UsageField.choices],
        required=False,
    )


class NewLineItemForm(CreatingForm, LineItemForm):
    code = CodeFormField(
        label="Code",
        help_text="What programs call it, such as input_tokens. You can't change it later.",
    )
    unit = CodeFormField(
        label="Unit",
        max_length=LineItem._meta.get_field("unit").max_length,
        help_text="What a quantity of 1 is, such as token or gpu-hour. You can't change it later.",
    )
    field_order = ("code", "name", "unit", "counts_requests", "reported_as")


class PriceForm(ActionForm):
    """The fields of a scheduled price."""

    unit_price = UnitPriceField(label="USD for one unit")
    starts_on = forms.DateField(
        label="From", widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )

    def __init__(self, data: Any, *, line_item: LineItem, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.item = line_item
        self.fields[
            "unit_price"
        ].help_text = f"For one {line_item.unit}, with up to {PRICE_DIGITS} decimal places."
        self.fields[
            "starts_on"
        ].help_text = f"From 00:00 UTC on that day; {find_open_day()} or later."

    def clean_starts_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["starts_on"]
        if day < find_open_day():
            raise ValidationError(f"Choose {find_open_day()} or later.")
        return day


class NewPriceForm(CreatingForm, PriceForm):
    """A new price. It may start in the past if the model does not have a price yet."""

    organization = forms.CharField(
        label="Organization",
        required=False,
        max_length=SLUG_LENGTH,
        widget=PLAIN,
        help_text="Its slug, for a price of that customer alone. Leave it empty for every organization.",
    )
    model = forms.CharField(
        label="Model",
        required=False,
        max_length=MODEL_LENGTH,
        widget=PLAIN,
        validators=[
            RegexValidator(r"\A[!-~]*\Z", "Enter printable ASCII characters without spaces.")
        ],
        help_text="As in events. Leave it empty for every model without its own price.",
    )
    field_order: Sequence[str] = ("organization", "model", "unit_price", "starts_on")

    def clean_organization(self) -> Organization | None:
        slug = self.cleaned_data["organization"]
        organization = Organization.objects.filter(slug=slug).first()
        if slug and organization is None:
            raise ValidationError(f"There is no organization {slug}.")
        return organization

    def clean_starts_on(self) -> dt.date:
        day: dt.date = self.cleaned_data["starts_on"]
        return day

    def clean(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        if {"organization", "model", "starts_on"} <= data.keys():
            names = ("organization", "model", "starts_on")
            try:
                require_open_day(Price(line_item=self.item, **{name: data[name] for name in names}))
            except ValidationError as error:
                self.add_error(None, error)
        return data


def list_line_item_choices() -> list[tuple[str, str]]:
    """Returns the codes of each product and line item, such as volumes/gb_hours, with their names."""
    line_items = LineItem.objects.select_related("product").order_by("product", "pk")
    return [
        ("", "Choose a line item"),
        *(
            (f"{row.product.code}/{row.code}", f"{row.product.name}: {row.name}")
            for row in line_items
        ),
    ]


class AnyPriceForm(NewPriceForm):
    """A new price of a line item that is yet to be chosen."""

    line_item = forms.ChoiceField(label="Line item", choices=list_line_item_choices)
    field_order = ("line_item", "organization", "model", "unit_price", "starts_on")

    def __init__(self, data: Any, **kwargs: Any) -> None:
        super().__init__(data, line_item=LineItem(unit="unit"), **kwargs)

    def clean_line_item(self) -> LineItem:
        product, _, code = self.cleaned_data["line_item"].partition("/")
        self.item = LineItem.objects.get(product__code=product, code=code)
        return self.item

    def clean(self) -> dict[str, Any]:
        return super().clean() if "line_item" in self.cleaned_data else dict(self.cleaned_data)


def build_product_form(data: Any, product: Product) -> ProductForm:
    initial = {
        "name": product.name,
        "description": product.description,
        "multi_project": product.multi_project,
    }
    return ProductForm(data, initial=initial)
