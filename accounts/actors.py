"""Who acts, and from where: passed explicitly to every service and written to the audit log."""

from dataclasses import dataclass, replace
from typing import Self

from django.conf import settings
from django.http import HttpRequest

from accounts.models import User
from accounts.models.audit import AGENT_LENGTH
from accounts.models.principals import Principal


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
    """A principal acting, and from where: `ip`, `request_id` and `agent` are empty for commands."""

    principal: Principal
    ip: str = ""
    request_id: str = ""
    agent: str = ""

    @classmethod
    def of_user(cls, user: User) -> Self:
        """A person for whom a command or the worker acts."""
        return cls(Principal.of_user(user))

    @classmethod
    def without_account(cls, label: str = "", ip: str = "", request_id: str = "") -> Self:
        """The console itself or a command, by its name; or an invited person, by their email address."""
        return cls(Principal.without_account(label), ip, request_id)

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """The signed-in person behind `request`."""
        return cls(
            Principal.of_request(request),
            client_ip(request),
            getattr(request, "request_id", ""),
            user_agent(request),
        )

    def acting_as(self, principal: Principal) -> Self:
        """Another principal from the same place."""
        return replace(self, principal=principal)

    @property
    def user(self) -> User | None:
        """The account of a person or of staff; None for all other principals."""
        return self.principal.user

    @property
    def person(self) -> User:
        """The signed-in user; for services that only signed-in people reach."""
        assert self.user is not None
        return self.user
