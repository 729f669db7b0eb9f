"""The form that asks which past usage is to be moved."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.forms import ActionForm
from usage.models import Product
from usage.reattribution.preview import Period

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
NOT_MULTI = "Choose a product that is multi-project: usage of others stays in the Default Project."


class MoveForm(ActionForm):
    """A product and UTC days, both included; its act gets them as `product` and `period`."""

    product = forms.ModelChoiceField(
        Product.objects.filter(multi_project=True),
        to_field_name="code",
        label="Product",
        error_messages={"invalid_choice": NOT_MULTI},
        help_text="One that is multi-project by now.",
    )
    first_day = forms.DateField(label="First day", widget=DATE, help_text="From 00:00 UTC on.")
    last_day = forms.DateField(
        label="Last day", widget=DATE, help_text="Included, to its end in UTC."
    )

    def clean_last_day(self) -> dt.date:
        day: dt.date = self.cleaned_data["last_day"]
        today = timezone.now().astimezone(dt.UTC).date()
        if day > today:
            raise ValidationError(f"Choose a day up to today, {today}.")
        if day < self.cleaned_data.get("first_day", day):
            raise ValidationError("Choose the first day or a later one.")
        return day

    def clean(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        if {"product", "first_day", "last_day"} <= data.keys():
            return {
                "product": data["product"],
                "period": Period(data["first_day"], data["last_day"]),
            }
        return data
