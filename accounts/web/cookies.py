"""Cookies that keep a choice or a hint for a year; scripts cannot read them."""

from django.conf import settings
from django.http.response import HttpResponseBase

YEAR = 31_536_000  # seconds


def keep_in_cookie(response: HttpResponseBase, name: str, value: str) -> None:
    response.set_cookie(
        name, value, max_age=YEAR, secure=settings.HTTPS, httponly=True, samesite="Lax"
    )
