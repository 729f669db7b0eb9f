"""The page about products in early access."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.access.decorators import READ_METHODS, signed_in_page
from usage.catalogue.early_access import list_rows


@signed_in_page(*READ_METHODS, title="Early access", in_search=True, viewable=True)
def early_access(request: HttpRequest) -> HttpResponse:
    return render(request, "usage/catalogue/early_access.html", {"rows": list_rows()})
