"""Who acts, and from where: passed explicitly to every service and written to the audit trail."""

from dataclasses import dataclass
from typing import Self

from django.conf import settings
from django.http import HttpRequest

from accounts.enums import PrincipalKind
from accounts.models import User
from accounts.models.audit import AGENT_LENGTH


def client_ip(request: HttpRequest) -> str:
    """The client's address; X-Forwarded-For counts only as far as our own proxies wrote it."""
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    hops = settings.TRUSTED_PROXIES
    if hops and len(forwarded) >= hops and forwarded[-hops]:
        return forwarded[-hops]
    return str(request.META.get("REMOTE_ADDR", ""))


def user_agent(request: HttpRequest) -> str:
    """What the client calls itself, cut to `AGENT_LENGTH` printable characters."""
    text = request.headers.get("User-Agent", "")
    return "".join(character for character in text if character.isprintable())[:AGENT_LENGTH]


@dataclass(frozen=True)
class Actor:
    """A person acting. `ip` and `request_id` are empty when a command acts for them.

    `user` is None for somebody who answers a mailed invitation without an account (`label` is then
    the invited address), for what the console does by itself, and for whoever runs a command.
    """

    user: User | None
    ip: str = ""
    request_id: str = ""
    label: str = ""
    agent: str = ""
    credential: str = ""

    @property
    def kind(self) -> PrincipalKind:
        """An invited person without an account acts under the address that the invitation went to."""
        if self.user:
            return PrincipalKind.STAFF if self.user.is_staff else PrincipalKind.PERSON
        return PrincipalKind.PERSON if "@" in self.label else PrincipalKind.CONSOLE

    @property
    def person(self) -> User:
        """The signed-in user; for services that only signed-in people reach."""
        assert self.user is not None
        return self.user

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """The signed-in person behind `request`."""
        user = request.user if isinstance(request.user, User) else None
        return cls(
            user,
            client_ip(request),
            getattr(request, "request_id", ""),
            agent=user_agent(request),
            credential="session" if user else "",
        )
