"""The pages about products in early access, and about prices."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone

from accounts.access.decorators import READ_METHODS, signed_in_page
from usage.catalogue.early_access import list_rows
from usage.catalogue.price_list import build_price_list, find_customer


@signed_in_page(*READ_METHODS, title="Early access", in_search=True, viewable=True)
def early_access(request: HttpRequest) -> HttpResponse:
    return render(request, "usage/catalogue/early_access.html", {"rows": list_rows()})


@signed_in_page(*READ_METHODS, title="Prices", in_search=True, viewable=True)
def pricing(request: HttpRequest) -> HttpResponse:
    """Shows the prices of the selected organization to its members, to others the prices for everyone."""
    organization = find_customer(request)
    today = timezone.now().date()
    products = build_price_list(organization, today)
    context = {"products": products, "organization": organization}
    return render(request, "usage/catalogue/pricing.html", context)
