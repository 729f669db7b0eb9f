"""Sensitive actions require a fresh sign-in: recent proof of who is at the browser.

A password or a passkey with user verification counts. Codes of an authenticator app and recovery codes
don't: they prove nothing without the password.
"""

import time
from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.urls import reverse

from accounts.models import User

# In the session: the primary key of the user, and for each proof its Unix timestamp.
FRESH = "fresh_sign_in"


class Proof(StrEnum):
    """How a person proves who they are."""

    PASSWORD = "password"  # noqa: S105  (a name)
    PASSKEY = "passkey"


def remember_proof(request: HttpRequest, user: User, proof: Proof) -> None:
    """Keeps in the session that `user` has just given `proof`."""
    user_pk, times = request.session.get(FRESH, (None, {}))
    times = times if user_pk == user.pk else {}
    request.session[FRESH] = [user.pk, {**times, proof.value: time.time()}]


def list_proofs(user: User) -> list[Proof]:
    """Returns how `user` can prove who they are; empty if they have neither a password nor a passkey."""
    proofs = [Proof.PASSWORD] if user.has_usable_password() else []
    return [*proofs, Proof.PASSKEY] if user.has_passkey else proofs


def is_fresh(request: HttpRequest) -> bool:
    """Returns whether the user gave a proof in the last ACCOUNT_REAUTHENTICATION_TIMEOUT seconds.

    A proof only counts while the user still has that password or a passkey.
    """
    user_pk, times = request.session.get(FRESH, (None, {}))
    oldest = time.time() - settings.ACCOUNT_REAUTHENTICATION_TIMEOUT
    recent = {proof for proof, given_at in times.items() if given_at > oldest}
    if not recent or not isinstance(request.user, User) or user_pk != request.user.pk:
        return False
    return any(proof.value in recent for proof in list_proofs(request.user))


def redirect_to_confirmation(request: HttpRequest) -> HttpResponse | None:
    """Returns a redirect to the page that asks for a proof; None if the sign-in is fresh."""
    if is_fresh(request):
        return None
    query = urlencode({"next": request.get_full_path()})
    return redirect(f"{reverse('account_reauthenticate')}?{query}")


def fresh_sign_in(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Decorates a view, below an access decorator: it requires a fresh sign-in."""

    @wraps(view)
    def wrapper(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return redirect_to_confirmation(request) or view(request, *args, **kwargs)

    return wrapper
