"""Remembers in a cookie which accounts have signed in from this browser."""

from django.http import HttpRequest, HttpResponse

from accounts.crypto.tokens import compute_mac, compute_macs
from accounts.models import User
from accounts.web.cookies import keep_in_cookie, read_cookie

COOKIE = "accounts_seen"
KEPT = 10


def compute_mark(user: User) -> str:
    """Returns the account's mark in the cookie: it cannot be forged and does not identify the account."""
    return compute_mac("browser", user.public_id)


def read_marks(request: HttpRequest) -> list[str]:
    return read_cookie(request, COOKIE).split(".")[:KEPT]


def is_recognized(request: HttpRequest, user: User) -> bool:
    """Returns whether `user` has signed in from this browser before."""
    return not set(compute_macs("browser", user.public_id)).isdisjoint(read_marks(request))


def remember_browser(request: HttpRequest, response: HttpResponse, user: User) -> None:
    own = compute_mark(user)
    others = [mark for mark in read_marks(request) if mark and mark != own]
    keep_in_cookie(response, COOKIE, ".".join([own, *others][:KEPT]))
