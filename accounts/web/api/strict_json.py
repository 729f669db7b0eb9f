"""Reads only JSON that all readers understand alike: UTF-8, no repeated names, no NaN or Infinity."""

import json
from typing import Any, NoReturn

NOT_JSON = "The body is not JSON in UTF-8."


class NotJsonError(ValueError):
    """The text is not JSON, or other readers could understand it differently. The message says why."""


def decode_json(content: bytes) -> Any:
    """Returns the value of a JSON text. Raises NotJsonError."""
    try:
        return DECODER.decode(content.decode())
    except NotJsonError:
        raise
    except (ValueError, RecursionError) as error:
        raise NotJsonError(NOT_JSON) from error


def require_unique_names(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Returns the members of an object. Raises NotJsonError if two have the same name."""
    members = dict(pairs)
    if len(members) != len(pairs):
        raise NotJsonError(f"The body has {find_repeated(pairs)!a} twice in one object.")
    return members


def find_repeated(pairs: list[tuple[str, Any]]) -> str:
    """Returns the first name that occurs twice, shortened."""
    seen: set[str] = set()
    for name, _ in pairs:
        if name in seen:
            return name[:40]
        seen.add(name)
    raise LookupError


def refuse_constant(name: str) -> NoReturn:
    raise NotJsonError(f"The body contains {name}, which is not JSON.")


# Python's default would accept NaN and let the last of equal names win.
DECODER = json.JSONDecoder(object_pairs_hook=require_unique_names, parse_constant=refuse_constant)
