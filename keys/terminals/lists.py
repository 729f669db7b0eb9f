"""The list of terminals where a user is signed in."""

from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from accounts.models import User
from keys.models import AccessToken, TerminalSession
from keys.terminals.access import usable_projects

MOST = 200  # terminals that the page lists, the last used first


@dataclass(frozen=True, slots=True)
class TerminalRow:
    """A row of the list: a terminal, with the names of the projects it has tokens for."""

    session: TerminalSession
    projects: list[str]


def terminal_list(user: User) -> dict[str, Any]:
    sessions = list(user.terminal_sessions.alive().last_used_first()[:MOST])
    projects = list_project_names(user, sessions)
    return {"rows": [TerminalRow(session, projects[session.pk]) for session in sessions]}


def list_project_names(user: User, sessions: list[TerminalSession]) -> dict[int, list[str]]:
    """Returns the names of the projects that each session can work with, by its primary key."""
    tokens = AccessToken.objects.of_projects().unended().filter(session__in=sessions)
    open_to = tokens.filter(project__in=usable_projects(user).values("pk"))
    names = (
        open_to.order_by("project__search_text").values_list("session", "project__name").distinct()
    )
    projects: dict[int, list[str]] = defaultdict(list)
    for session, name in names:
        projects[session].append(name)
    return projects
