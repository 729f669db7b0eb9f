"""What services raise besides ValidationError (422) and PermissionDenied (403)."""

from django.core.exceptions import PermissionDenied, ValidationError


class Conflict(ValidationError):
    """The act does not fit the state things are in now; the text says so and what to do."""


class Withheld(PermissionDenied):
    """The role would allow it, but a rule of the organization does not; the text says which."""


class Frozen(Withheld):
    """The role would allow it, but nothing can be changed there now; the text says why."""
