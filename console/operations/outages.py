"""What a lost database or cache looks like from inside."""

from django.db import InterfaceError, OperationalError
from redis import RedisError

# Answered with 503, or waited for. Everything else is a defect.
UNAVAILABLE = (OperationalError, InterfaceError, RedisError)


def describe_outage(error: BaseException) -> str:
    """Returns the first line of the error's message, or its name if it has none."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__)
