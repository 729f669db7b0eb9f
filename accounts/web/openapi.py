"""How an app declares what its API routes take and answer; console/api/openapi.py puts it together.

Each app has `openapi.py` beside its views. Schemas are plain JSON Schema (2020-12).
"""

from dataclasses import dataclass, field
from typing import Any

Schema = dict[str, Any]
JSON, FORM = "application/json", "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Parameter:
    """One of the query."""

    name: str
    text: str
    schema: Schema


@dataclass(frozen=True)
class Body:
    """What is sent, with an example; `packed`: gzip is taken too."""

    schema: Schema
    example: Any
    type: str = JSON
    packed: bool = False


@dataclass(frozen=True)
class Answer:
    """What is said when it goes well. Without a schema the body is empty."""

    text: str
    schema: Schema | None = None
    example: Any = None
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Operation:
    """One method of the route with that name in the URLconf.

    `credentials` are the security schemes of which one is brought, `errors` the statuses of refusals
    that are its own: 400 (a request nobody could read), 413 and 503 are possible everywhere.
    `limited`: its answers carry the headers of the rate limits.
    """

    route: str
    method: str
    group: str
    title: str
    text: str
    answer: Answer
    credentials: tuple[str, ...] = ()
    parameters: tuple[Parameter, ...] = ()
    headers: tuple[Parameter, ...] = ()
    body: Body | None = None
    errors: tuple[int, ...] = ()
    limited: bool = False


@dataclass(frozen=True)
class Description:
    """What one app adds to the document: operations in reading order, and the schemas they name."""

    operations: tuple[Operation, ...]
    schemas: dict[str, Schema]


def text(about: str = "", **more: Any) -> Schema:
    return {"type": "string", **({"description": about} if about else {}), **more}


def nullable(schema: Schema) -> Schema:
    return {**schema, "type": [schema["type"], "null"]}


def obj(
    properties: dict[str, Schema], *, optional: tuple[str, ...] = (), about: str = ""
) -> Schema:
    """An object with exactly these members, of which `optional` ones may be missing."""
    return {
        "type": "object",
        **({"description": about} if about else {}),
        "properties": properties,
        "required": [name for name in properties if name not in optional],
        "additionalProperties": False,
    }


def ref(name: str) -> Schema:
    return {"$ref": f"#/components/schemas/{name}"}


def each(schema: Schema, about: str = "", **more: Any) -> Schema:
    return {"type": "array", "items": schema, **({"description": about} if about else {}), **more}


def whole(about: str, least: int, most: int | None = None, **more: Any) -> Schema:
    upper = {} if most is None else {"maximum": most}
    return {"type": "integer", "description": about, "minimum": least, **upper, **more}


ID = r"^{}_[0-9A-Za-z]{{20}}$"
TIME = text(format="date-time")
CURSOR = nullable(text("Of the next page: send it as `after`. Null on the last one."))
