"""Reads queries and bodies into structs, or refuses them with what is wrong and where."""

import re
from functools import cache
from typing import Any, TypeVar, get_type_hints

import msgspec
from django.http import HttpRequest

from accounts.web.api.errors import Refused, api_error
from accounts.web.api.operations import JSON
from accounts.web.api.schemas import find_schema
from accounts.web.api.strict_json import NOT_JSON, NotJsonError, decode_json
from accounts.web.api.validation import Problem, describe_problem, parse_problem

Kind = TypeVar("Kind", bound=msgspec.Struct)
# msgspec would take 1e2 and 5.0 too.
WHOLE = re.compile(r"-?[0-9]+", re.ASCII)
SEND_JSON = "Send JSON, as Content-Type: application/json."


def read_query(request: HttpRequest, kind: type[Kind]) -> Kind:
    """Returns the parameters in the URL. Names that end in `[]` are lists; of others the last value counts.

    Raises Refused with 422, or the status that the field declares (`Meta(extra={"status": 400})`).
    """
    values = {
        name: request.GET.getlist(name) if name.endswith("[]") else request.GET[name]
        for name in field_names(kind)
        if name in request.GET
    }
    for name in integer_fields(kind) & values.keys():
        if not WHOLE.fullmatch(str(values[name])):
            raise refuse_problem(Problem("invalid", name, ""), kind)
    try:
        return msgspec.convert(values, kind, strict=False)
    except msgspec.ValidationError as error:
        raise refuse_problem(parse_problem(error), kind) from error


def read_body(request: HttpRequest, kind: type[Kind]) -> Kind:
    """Returns the JSON body. An empty one counts as an empty object, whatever its content type.

    Raises Refused: 400 if it is not JSON or has a name twice, 415 for another content type, 422 with the
    field that is invalid, missing or unknown.
    """
    content = request.body
    if content and request.content_type != JSON:
        raise Refused(api_error(415, SEND_JSON))
    try:
        body: Kind = decoder(kind).decode(content or b"{}")
        if content:
            decode_json(content)  # because msgspec lets the last of equal names win
    except msgspec.ValidationError as error:
        raise refuse_problem(parse_problem(error), kind) from error
    except NotJsonError as error:
        raise Refused(api_error(400, str(error))) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise Refused(api_error(400, NOT_JSON)) from error
    return body


def refuse_problem(problem: Problem, kind: Any) -> Refused:
    """Returns the refusal of a value that is not what `kind` expects."""
    name = problem.path.partition(".")[0]
    status = field_statuses(kind).get(name, 422)
    code = "not_supported" if problem.kind == "not_supported" else None
    message = describe_problem(problem, kind)
    return Refused(api_error(status, message, param=problem.path or None, code=code))


@cache
def decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind)


@cache
def field_names(kind: Any) -> tuple[str, ...]:
    return tuple(field.encode_name for field in msgspec.structs.fields(kind))


@cache
def integer_fields(kind: Any) -> frozenset[str]:
    """Returns the names of the fields that are whole numbers."""
    names = field_names(kind)
    return frozenset(name for name in names if find_schema(kind, name).get("type") == "integer")


@cache
def field_statuses(kind: Any) -> dict[str, int]:
    """Returns the statuses that fields of a struct declare, by the names of the fields."""
    if not isinstance(kind, type) or not issubclass(kind, msgspec.Struct):
        return {}
    return {
        name: meta.extra["status"]
        for name, hint in get_type_hints(kind, include_extras=True).items()
        for meta in getattr(hint, "__metadata__", ())
        if meta.extra and "status" in meta.extra
    }
