"""Principals, which access checks, locks, services, querysets and the audit log take instead of users."""

from dataclasses import dataclass, replace
from typing import Self

from django.http import HttpRequest

from accounts.enums import PrincipalKind
from accounts.models.user import User

PROGRAMS = (PrincipalKind.ADMIN_KEY, PrincipalKind.SERVICE_ACCOUNT)


@dataclass(frozen=True)
class Principal:
    """A person, a service account, support staff, an admin API key, or the console itself.

    `user` is the account of a person or of staff, None for all others; `label` is the name of those in the
    audit log. `credential` is how the request was authenticated: "session", or the public id of a token.
    `service_account` is the public id of a service account, which acts through one of its tokens.
    `viewed_in` is the primary key of the organization in which support staff view as this user. Then only
    that organization is visible, and nothing can be changed. `is_absent` is explained at `of_absent`.
    """

    kind: PrincipalKind
    user: User | None = None
    label: str = ""
    credential: str = ""
    viewed_in: int | None = None
    service_account: str = ""
    is_absent: bool = False

    @property
    def is_exempt(self) -> bool:
        """Whether sign-in rules do not apply: to staff who view as the user, and where the user is absent."""
        return self.is_absent or self.viewed_in is not None

    @classmethod
    def of_absent(cls, user: User) -> Self:
        """Returns the principal of a user who is not acting, but is emailed or whose permissions matter."""
        return replace(cls.of_user(user), is_absent=True)

    @classmethod
    def of_user(cls, user: User, *, credential: str = "", viewed_in: int | None = None) -> Self:
        kind = PrincipalKind.STAFF if user.is_staff else PrincipalKind.PERSON
        return cls(kind, user, credential=credential, viewed_in=viewed_in)

    @classmethod
    def of_request(cls, request: HttpRequest) -> Self:
        """Returns the signed-in user, or the one whom support staff view as; the console if not signed in."""
        if not isinstance(request.user, User):
            return cls(PrincipalKind.CONSOLE)
        view = getattr(request, "view_as", None)
        viewed_in = view.organization_id if view else None
        return cls.of_user(request.user, credential="session", viewed_in=viewed_in)

    @classmethod
    def without_account(cls, label: str = "") -> Self:
        """Returns the console or a command (by name), or an invitee (by email address)."""
        return cls(PrincipalKind.PERSON if "@" in label else PrincipalKind.CONSOLE, label=label)

    @property
    def uses_token(self) -> bool:
        """Whether a person acts through a personal access token instead of a session."""
        return self.user is not None and bool(self.credential_id)

    @property
    def credential_id(self) -> str:
        """The public id of the token or admin API key that the principal uses; empty for a session."""
        return "" if self.credential == "session" else self.credential

    @property
    def display_name(self) -> str:
        """The name in emails and on pages: of a person with the email address, of a key with its kind."""
        if self.user:
            return f"{self.user.name} ({self.user.email})"
        if self.kind in PROGRAMS:
            return f"the {self.kind.label[0].lower()}{self.kind.label[1:]} {self.label}"
        return self.label or "the console"

    @property
    def short_name(self) -> str:
        """The name to start a sentence with, without the email address of a person."""
        if self.user:
            return self.user.name
        if self.kind in PROGRAMS:
            return f"{self.kind.label} {self.label}"
        return self.label or "The console"

    @property
    def name(self) -> str:
        """The name in the audit log."""
        return self.user.email if self.user else self.label

    def is_user(self, pk: int | None) -> bool:
        """Returns whether this is the user with that primary key."""
        return self.user is not None and self.user.pk == pk
