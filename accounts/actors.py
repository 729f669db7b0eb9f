"""The actor of a request or command: passed explicitly to every service and written to the audit log."""

from dataclasses import dataclass, replace
from typing import Self

from django.http import HttpRequest

from accounts.models import User
from accounts.models.audit import AGENT_LENGTH
from accounts.models.principals import Principal
from accounts.web.client_ip import get_client_ip

# In the session: the primary key of its row, the key it was saved under and when; see sessions/tracking.py.
TRACKED = "session_row"


def user_agent(request: HttpRequest) -> str:
    """Returns the User-Agent header, cut to `AGENT_LENGTH` printable characters."""
    text = request.headers.get("User-Agent", "")
    return "".join(character for character in text if character.isprintable())[:AGENT_LENGTH]


def current_row(request: HttpRequest) -> int:
    """Returns the primary key of the session's row; 0 if it has none."""
    row_pk, *_ = request.session.get(TRACKED, (0,))
    return int(row_pk)


@dataclass(frozen=True)
class Actor:
    """A principal and where it acts from. `ip`, `request_id` and `agent` are empty for commands.

    `session_pk` is the primary key of the session's row, 0 without a session.
    """

    principal: Principal
    ip: str = ""
    request_id: str = ""
    agent: str = ""
    session_pk: int = 0

    @classmethod
    def of_user(cls, user: User) -> Self:
        """Returns an actor for a user on whose behalf a command or the worker acts."""
        return cls(Principal.of_user(user))

    @classmethod
    def without_account(cls, label: str = "", ip: str = "", request_id: str = "") -> Self:
        """Returns an actor for the console or a command (by name), or for an invitee (by email address)."""
        return cls(Principal.without_account(label), ip, request_id)

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """Returns the actor behind `request`, with its IP address, agent and request id."""
        principal = Principal.of_request(request)
        return cls(
            principal,
            get_client_ip(request),
            getattr(request, "request_id", ""),
            user_agent(request),
            current_row(request) if principal.credential == "session" else 0,
        )

    def acting_as(self, principal: Principal) -> Self:
        """Returns a copy in which another principal acts from the same place."""
        return replace(self, principal=principal)

    @property
    def user(self) -> User | None:
        """The user account of a person or of staff; None for all other principals."""
        return self.principal.user

    @property
    def person(self) -> User:
        """The signed-in user, for services that only signed-in people reach."""
        assert self.user is not None
        return self.user
