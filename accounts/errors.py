"""Exceptions that services raise besides ValidationError (422) and PermissionDenied (403)."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError


class Conflict(ValidationError):
    """The action conflicts with the current state (409). The message says why and what to do."""


class TooMany(ValidationError):
    """A rate limit is reached (429); `retry_after` is in seconds."""

    def __init__(self, message: str, *, params: dict[str, Any], retry_after: int) -> None:
        super().__init__(message, params=params)
        self.retry_after = retry_after


class Withheld(PermissionDenied):
    """The role allows the action, but a rule of the organization does not. The message names the rule."""


class Frozen(Withheld):
    """The role allows the action, but nothing can be changed there now. The message says why."""


class SecondFactorMissing(Withheld):
    """The organization requires a second factor, which the person does not have. The message says so."""

    def __init__(self, organization_name: str) -> None:
        self.organization_name = organization_name
        super().__init__(
            f"{organization_name} requires a second factor. Add a passkey or an authenticator app "
            "to your account."
        )
