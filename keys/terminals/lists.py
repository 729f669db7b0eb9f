"""The terminals somebody is logged in at, as their page lists them."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from keys.models import AccessToken, TerminalSession
from keys.terminals.access import usable_projects

MOST = 200  # terminals that the page lists, the last used first


@dataclass(frozen=True, slots=True)
class TerminalRow:
    """A terminal as its line shows it, with the names of the projects it has tokens for."""

    session: TerminalSession
    projects: list[str]


def terminal_list(user: User) -> dict[str, Any]:
    sessions = list(user.terminal_sessions.alive().last_used_first()[:MOST])
    projects = list_project_names(user, sessions)
    return {"rows": [TerminalRow(one, projects[one.pk]) for one in sessions]}


def list_project_names(user: User, sessions: list[TerminalSession]) -> dict[int, list[str]]:
    """The names of the projects each can work with, by the primary key of the session."""
    tokens = AccessToken.objects.of_projects().unended().filter(session__in=sessions)
    open_to = tokens.filter(project__in=usable_projects(user).values("pk"))
    names = (
        open_to.order_by("project__search_text").values_list("session", "project__name").distinct()
    )
    found: dict[int, list[str]] = defaultdict(list)
    for session, name in names:
        found[session].append(name)
    return found
