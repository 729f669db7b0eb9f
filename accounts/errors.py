"""What services raise besides ValidationError (422) and PermissionDenied (403)."""

from django.core.exceptions import ValidationError


class Conflict(ValidationError):
    """The act does not fit the state things are in now; the text says so and what to do."""
