"""The rows of the lists of sessions and trusted browsers."""

from typing import Any

from django.http import HttpRequest

from accounts.actors import current_row
from accounts.models import User
from accounts.sessions.agents import name_browser
from accounts.sessions.trusted_browsers import find_trusted_browser


def list_sessions(request: HttpRequest, user: User) -> list[dict[str, Any]]:
    """Returns the user's sessions, this one first."""
    rows = [
        {
            "session": row,
            "browser": name_browser(row.agent),
            "is_this": row.pk == current_row(request),
        }
        for row in user.sessions.alive().newest_first()
    ]
    return sorted(rows, key=lambda row: not row["is_this"])


def list_trusted_browsers(request: HttpRequest, user: User) -> list[dict[str, Any]]:
    """Returns the browsers that the user trusts, newest first."""
    this = find_trusted_browser(request, user)
    return [
        {"row": row, "browser": name_browser(row.agent), "is_this": row == this}
        for row in user.trusted_browsers.current().newest_first()
    ]
