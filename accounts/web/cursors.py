"""Cursors of pages: opaque texts in URLs that hold JSON values, as URL-safe base64 without padding."""

import base64
import json
from typing import Any


def encode_cursor(*values: str | int) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def decode_cursor(text: str) -> list[Any]:
    """Returns the values in a cursor. Raises ValueError for a text that cannot come from `encode_cursor`.

    Callers check the values: a cursor can be made up.
    """
    try:
        values = json.loads(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4)))
    except RecursionError as error:
        raise ValueError("not a cursor") from error
    if not isinstance(values, list):
        raise ValueError("not a cursor")  # noqa: TRY004  (the caller need not know the difference)
    return values
