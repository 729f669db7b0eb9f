"""The cookie of a trusted browser. It holds one token for each account that trusts the browser."""

from django.conf import settings
from django.http import HttpRequest
from django.http.response import HttpResponseBase

from accounts.models import TrustedBrowser, User
from accounts.models.sessions import TOKEN_LENGTH, TRUST_LIFETIME

COOKIE = f"{settings.COOKIE_PREFIX}trusted"
KEPT = 5


def read_tokens(request: HttpRequest) -> list[str]:
    tokens = request.COOKIES.get(COOKIE, "").split(".")[:KEPT]
    return [token for token in tokens if len(token) == TOKEN_LENGTH and token.isalnum()]


def find_trusted_browser(request: HttpRequest, user: User) -> TrustedBrowser | None:
    """Returns the row that says that `user` trusts this browser now, if there is one."""
    current = user.trusted_browsers.current()
    rows = (current.with_token(token).first() for token in read_tokens(request))
    return next((row for row in rows if row), None)


def keep_token(request: HttpRequest, response: HttpResponseBase, token: str) -> None:
    tokens = [token, *read_tokens(request)][:KEPT]
    response.set_cookie(
        COOKIE,
        ".".join(tokens),
        max_age=int(TRUST_LIFETIME.total_seconds()),
        secure=settings.HTTPS,
        httponly=True,
        samesite="Lax",
    )
