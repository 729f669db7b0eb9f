"""What services raise besides ValidationError (422) and PermissionDenied (403)."""

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError


class Conflict(ValidationError):
    """The act does not fit the state things are in now; the text says so and what to do."""


class TooMany(ValidationError):
    """A limit on how often something may be done is reached; `retry_after` is in seconds."""

    def __init__(self, message: str, *, params: dict[str, Any], retry_after: int) -> None:
        super().__init__(message, params=params)
        self.retry_after = retry_after


class Withheld(PermissionDenied):
    """The role would allow it, but a rule of the organization does not; the text says which."""


class Frozen(Withheld):
    """The role would allow it, but nothing can be changed there now; the text says why."""
