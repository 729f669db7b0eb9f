"""What is wrong with a value, from the words of msgspec to ours: which field, and what to send instead."""

import re
from typing import Any, Literal, NamedTuple

import msgspec

from accounts.web.api.schemas import describe_value, find_schema

AT_PATH = re.compile(r"(?P<message>.*) - at (?:`key` in )?`\$\.?(?P<path>[^`]*)`\Z", re.DOTALL)
OF_FIELD = re.compile(r"Object (?:missing required|contains unknown) field `(?P<name>[^`]*)`")


class Problem(NamedTuple):
    """`path` is where, such as `projects[0].id`; empty for the value as a whole."""

    kind: Literal["missing", "unknown", "not_supported", "invalid"]
    path: str
    text: str


def parse_problem(error: msgspec.ValidationError) -> Problem:
    """Returns the problem that a ValidationError of msgspec is about."""
    match = AT_PATH.match(str(error))
    text, path = (match["message"], match["path"]) if match else (str(error), "")
    field = OF_FIELD.match(text)
    if not field:
        path = path.removesuffix("[...]")
        if text.startswith("Expected `null`, got"):
            return Problem("not_supported", path, text)
        return Problem("invalid", path, text)
    path = f"{path}.{field['name']}" if path else field["name"]
    return Problem("missing" if "missing" in text else "unknown", path, text)


def describe_problem(problem: Problem, kind: Any) -> str:
    """Returns a sentence for a person, which says what `kind` (a struct) expects there."""
    name = problem.path or "The body"
    if problem.kind == "missing":
        return f"{name} is missing."
    if problem.kind == "unknown":
        return f"{name} is not a field that this address takes."
    if problem.kind == "not_supported":
        return f"{name} is not supported here; leave it out."
    expected = describe_value(find_schema(kind, problem.path))
    return f"{name} is {expected.removesuffix('.')}." if expected else f"{name}: {problem.text}."
