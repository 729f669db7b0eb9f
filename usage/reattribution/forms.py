"""The form for the past usage that is to be moved."""

import datetime as dt
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.forms import ActionForm
from usage.models import Product
from usage.periods import Period

DATE = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
NOT_MULTI_PROJECT = (
    "Choose a multi-project product: usage of other products stays in the Default Project."
)


class MoveForm(ActionForm):
    """A product and UTC days, both included. Its cleaned data are a `product` and a `period`."""

    product = forms.ModelChoiceField(
        Product.objects.filter(multi_project=True),
        to_field_name="code",
        label="Product",
        error_messages={"invalid_choice": NOT_MULTI_PROJECT},
        help_text="Only multi-project products are listed.",
    )
    first_day = forms.DateField(label="First day", widget=DATE, help_text="From 00:00 UTC.")
    last_day = forms.DateField(
        label="Last day", widget=DATE, help_text="Included, until midnight UTC."
    )

    def clean_last_day(self) -> dt.date:
        day: dt.date = self.cleaned_data["last_day"]
        today = timezone.now().astimezone(dt.UTC).date()
        if day > today:
            raise ValidationError(f"Choose today, {today}, or an earlier day.")
        if day < self.cleaned_data.get("first_day", day):
            raise ValidationError("Choose the first day or a later day.")
        return day

    def clean(self) -> dict[str, Any]:
        data = dict(self.cleaned_data)
        if {"product", "first_day", "last_day"} <= data.keys():
            period = Period(start=data["first_day"], end=data["last_day"])
            return {"product": data["product"], "period": period}
        return data
