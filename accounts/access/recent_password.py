"""Actions that cannot be undone require a password entered within the last few minutes."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from accounts.models import User

# In the session: the primary key of the user and when they entered their password, as a Unix timestamp.
PASSWORD_ENTERED = "password_entered"  # noqa: S105  (a key of the session)


def remember_password_entry(request: HttpRequest, user: User) -> None:
    """Keeps in the session that `user` entered the right password just now."""
    request.session[PASSWORD_ENTERED] = [user.pk, time.time()]


def has_recent_password(request: HttpRequest) -> bool:
    """Returns whether the user entered their password in the last ACCOUNT_REAUTHENTICATION_TIMEOUT seconds.

    Signing in with it counts too.
    """
    user_pk, entered_at = request.session.get(PASSWORD_ENTERED, (None, 0))
    oldest = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    return bool(user_pk == request.user.pk and entered_at > oldest)


def redirect_to_password(request: HttpRequest) -> HttpResponse | None:
    """Returns a redirect to the page that asks for the password; None if it was entered recently."""
    if has_recent_password(request):
        return None
    query = urlencode({"next": request.get_full_path()})
    return redirect(f"{reverse('account_reauthenticate')}?{query}")


def fresh_password(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Decorates a view, below an access decorator: the user must have entered their password recently."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return redirect_to_password(request) or view(request, *args, **kwargs)

    return wrapper
