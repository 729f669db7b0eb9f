"""Sessions of the test client, with the rows that sessions have: without one, they would be signed out."""

import time
from typing import Any

from django.test import Client
from django.test.client import ClientMixin

from accounts.actors import TRACKED
from accounts.models import User, UserSession

force_login = ClientMixin.force_login


def force_tracked_login(client: Client, user: User, backend: str | None = None) -> None:
    """Signs in as `Client.force_login` does, and saves the session's row."""
    force_login(client, user, backend)
    session: Any = client.session
    row = UserSession.objects.create(user=user, session_key=session.session_key)
    session[TRACKED] = [row.pk, session.session_key, time.time()]
    session.save()
