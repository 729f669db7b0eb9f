"""Keeps a row for each session of a signed-in user, with when it was last seen.

Django's session holds the row's primary key, the key that the row was saved under and when it was last
written, so that most requests need no query.
"""

import time
from collections.abc import Callable

from django.contrib.auth import SESSION_KEY, logout
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.utils import timezone

from accounts.actors import TRACKED, current_row, user_agent
from accounts.audit.writer import normalize_ip
from accounts.enums import SignInMethod
from accounts.models import User, UserSession
from accounts.models.sessions import SEEN_STEP
from accounts.web.client_ip import get_client_ip


def start_session(request: HttpRequest, user: User, method: SignInMethod) -> None:
    """Saves a row for the session in which `user` has just signed in.

    It has no key yet if Django has just flushed it, because it was of someone else who is not active anymore.
    """
    if not request.session.session_key:
        request.session.cycle_key()
    save_row(request, user.pk, method)


def save_row(request: HttpRequest, user_pk: int, method: SignInMethod) -> None:
    key = request.session.session_key
    row, _ = UserSession.objects.update_or_create(
        session_key=key,
        defaults={
            "user_id": user_pk,
            "method": method,
            "agent": user_agent(request),
            "ip": normalize_ip(get_client_ip(request)),
        },
    )
    remember_row(request, row.pk)


def remember_row(request: HttpRequest, row_pk: int) -> None:
    request.session[TRACKED] = [row_pk, request.session.session_key, time.time()]


def track_session(request: HttpRequest) -> None:
    """Updates the session's row if its key has changed, or if it was last written `SEEN_STEP` ago.

    A session whose row was deleted has been ended, perhaps while this request was running: it is flushed.
    """
    session = request.session
    user_pk = session.get(SESSION_KEY)
    if not user_pk or not session.session_key:
        return
    row_pk, key, seen = session.get(TRACKED, (0, "", 0))
    if key == session.session_key and seen > time.time() - SEEN_STEP.total_seconds():
        return
    rows = UserSession.objects.filter(pk=row_pk, user_id=user_pk)
    values = {"session_key": session.session_key, "last_seen_at": timezone.now()}
    if rows.update(**values, ip=normalize_ip(get_client_ip(request))):
        remember_row(request, row_pk)
    else:
        session.flush()


def require_row(request: HttpRequest) -> None:
    """Signs out a session that has no row, because its person could neither see nor end it.

    Sessions from before rows existed got one in a migration, and are connected to it by their next request.
    """
    session = request.session
    if SESSION_KEY not in session or current_row(request):
        return
    key, user_pk = session.session_key, session[SESSION_KEY]
    row = UserSession.objects.filter(session_key=key, user_id=user_pk).first()
    if row:
        remember_row(request, row.pk)
    else:
        logout(request)


class SessionRowsMiddleware:
    """Keeps the rows of sessions; inside SessionMiddleware, which saves what it adds."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        require_row(request)
        response = self.get_response(request)
        track_session(request)
        return response
