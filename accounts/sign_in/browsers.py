"""Remembers, in the browser alone, which accounts have signed in with it."""

from django.http import HttpRequest, HttpResponse

from accounts.crypto.tokens import mac, macs
from accounts.models import User
from accounts.web.cookies import keep_in_cookie

COOKIE = "accounts_seen"
KEPT = 10


def mark_of(user: User) -> str:
    """What stands for the account in the cookie: nobody can make it up, and it names nobody."""
    return mac("browser", user.public_id)


def marks(request: HttpRequest) -> list[str]:
    return request.COOKIES.get(COOKIE, "").split(".")[:KEPT]


def is_known(request: HttpRequest, user: User) -> bool:
    """Whether `user` has signed in with this browser before."""
    return not set(macs("browser", user.public_id)).isdisjoint(marks(request))


def remember(request: HttpRequest, response: HttpResponse, user: User) -> None:
    own = mark_of(user)
    others = [mark for mark in marks(request) if mark and mark != own]
    keep_in_cookie(response, COOKIE, ".".join([own, *others][:KEPT]))
