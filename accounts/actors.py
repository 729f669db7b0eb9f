"""Who acts, and from where: passed explicitly to every service and written to the audit trail."""

from dataclasses import dataclass
from typing import Self

from django.conf import settings
from django.http import HttpRequest

from accounts.models import User


def client_ip(request: HttpRequest) -> str:
    """The client's address; X-Forwarded-For counts only as far as our own proxies wrote it."""
    forwarded = [part.strip() for part in request.headers.get("X-Forwarded-For", "").split(",")]
    hops = settings.TRUSTED_PROXIES
    if hops and len(forwarded) >= hops and forwarded[-hops]:
        return forwarded[-hops]
    return str(request.META.get("REMOTE_ADDR", ""))


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

    @property
    def person(self) -> User:
        """The signed-in user; for services that only signed-in people reach."""
        assert self.user is not None
        return self.user

    @classmethod
    def of(cls, request: HttpRequest) -> Self:
        """The signed-in person behind `request`."""
        user = request.user if isinstance(request.user, User) else None
        return cls(user, client_ip(request), getattr(request, "request_id", ""))
