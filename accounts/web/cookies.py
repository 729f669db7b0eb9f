"""Cookies that keep a choice or a hint for a year; scripts cannot read them.

Over https their names begin with `__Host-`, so that other hosts of the same domain cannot set them.
"""

from django.conf import settings
from django.contrib.messages.storage.cookie import CookieStorage
from django.contrib.messages.storage.fallback import FallbackStorage
from django.contrib.messages.storage.session import SessionStorage
from django.http import HttpRequest
from django.http.response import HttpResponseBase

YEAR = 31_536_000  # seconds


def keep_in_cookie(response: HttpResponseBase, name: str, value: str) -> None:
    response.set_cookie(
        settings.COOKIE_PREFIX + name,
        value,
        max_age=YEAR,
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )


def read_cookie(request: HttpRequest, name: str) -> str:
    """Returns what `keep_in_cookie` stored, which the browser may have changed; empty if it is missing."""
    return request.COOKIES.get(settings.COOKIE_PREFIX + name, "")


class PrefixedCookieStorage(CookieStorage):
    """Messages in a cookie with the prefix of the others."""

    cookie_name = f"{settings.COOKIE_PREFIX}messages"


class MessageStorage(FallbackStorage):
    """Django's storage of messages, in a cookie or, if they are too long, the session."""

    storage_classes = (PrefixedCookieStorage, SessionStorage)
