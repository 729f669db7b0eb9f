"""What the reference shows of each operation, from the OpenAPI document."""

import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.web.api.routes import name_credentials
from accounts.web.api.schemas import Schema, resolve_schema
from console.api.document import document
from console.api.reference.commands import Sample, format_curl, format_json, format_python

TYPES = {
    "integer": "whole number",
    "string": "text",
    "boolean": "true or false",
    "array": "list",
    "date": "day",
    "date-time": "time",
    "uri": "URL",
}


@dataclass(frozen=True)
class Field:
    """A parameter, or a member of what is sent or answered; `name` is `data[].id` deeper down."""

    name: str
    kind: str
    about: str
    required: bool


@dataclass(frozen=True)
class Shape:
    """One form that a body may have; `about` says when, where there are several."""

    about: str
    fields: list[Field]


@dataclass(frozen=True)
class ReferenceEntry:
    """One operation as the page shows it."""

    slug: str
    method: str
    path: str
    title: str
    text: str
    credentials: str
    curl: str
    python: str
    parameters: list[Field]
    body: list[Shape]
    answer: str
    answered: list[Shape]
    example: str
    errors: list[tuple[str, str, str]]


@dataclass(frozen=True)
class ReferenceGroup:
    name: str
    about: str
    entries: list[ReferenceEntry]


@functools.cache
def list_groups() -> list[ReferenceGroup]:
    """Returns all operations by their tags, in the order of the document."""
    entries = [
        (operation["tags"][0], build_endpoint(path, method, operation))
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    ]
    return [
        ReferenceGroup(
            tag["name"],
            tag["description"],
            [entry for name, entry in entries if name == tag["name"]],
        )
        for tag in document()["tags"]
    ]


def build_endpoint(path: str, method: str, operation: dict[str, Any]) -> ReferenceEntry:
    body = next(iter(operation.get("requestBody", {}).get("content", {}).items()), None)
    answer = operation["responses"]["200"]
    content: dict[str, Any] = next(iter(answer.get("content", {}).values()), {})
    sample = Sample(path, method, operation)
    return ReferenceEntry(
        slug=operation["operationId"].replace("_", "-"),
        method=method.upper(),
        path=path,
        title=operation["summary"],
        text=format_text(operation["description"]),
        credentials=name_credentials(name for scheme in operation["security"] for name in scheme),
        curl=format_curl(sample),
        python=format_python(sample),
        parameters=[*map(describe_parameter, operation.get("parameters", []))],
        body=list_shapes(body[1]["schema"] if body else {}),
        answer=format_text(answer["description"]),
        answered=list_shapes(content.get("schema", {}), intro=answer["description"]),
        example=format_json(content["example"]) if "example" in content else "",
        errors=[
            (status, HTTPStatus(int(status)).phrase, format_text(error["description"]))
            for status, error in operation["responses"].items()
            if int(status) >= 400
        ],
    )


def format_text(text: str) -> SafeString:
    """Returns a text of the document, with what it quotes in backticks as code."""
    parts = [
        format_html("<code>{}</code>", part) if number % 2 else part
        for number, part in enumerate(text.split("`"))
    ]
    return format_html_join("", "{}", ((part,) for part in parts))


def describe_parameter(parameter: dict[str, Any]) -> Field:
    description = format_text(parameter.get("description", ""))
    required = parameter.get("required", False)
    return Field(parameter["name"], describe_kind(parameter["schema"]), description, required)


def resolve(schema: Schema) -> Schema:
    return resolve_schema(schema, document()["components"]["schemas"])


def list_shapes(schema: Schema, intro: str = "") -> list[Shape]:
    """Returns the forms that a body may have. A description that equals `intro` is left out."""
    schema = resolve(schema)
    options = [resolve(option) for option in schema.get("oneOf", [schema])]
    shapes = []
    for option in options:
        description = option.get("description", "")
        fields = merge_repeated(list_fields(option, ""))
        if fields:
            shapes.append(Shape("" if description == intro else format_text(description), fields))
    return shapes


def merge_repeated(fields: Iterator[Field]) -> list[Field]:
    """Returns each member once, with the kinds that it has in all forms of the thing."""
    merged: dict[str, Field] = {}
    for field in fields:
        first = merged.setdefault(field.name, field)
        kinds = dict.fromkeys(f"{first.kind} or {field.kind}".split(" or "))
        merged[field.name] = replace(first, kind=" or ".join(kinds))
    return list(merged.values())


def list_fields(schema: Schema, prefix: str) -> Iterator[Field]:
    """Yields the members of an object, and of what lies in it."""
    schema = resolve(schema)
    for option in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        yield from list_fields(option, prefix)
    if "items" in schema:
        yield from list_fields(schema["items"], f"{prefix}[].")
    for name, member in schema.get("properties", {}).items():
        required = name in schema.get("required", ())
        description = format_text(resolve(member).get("description", ""))
        full = f"{prefix}{name}".lstrip(".")
        yield Field(full, describe_kind(member), description, required)
        yield from list_fields(member, full if "items" in resolve(member) else f"{full}.")


def describe_kind(schema: Schema) -> str:
    """Returns what kind of value it is, in words: `text or null`, `day or hour`, `1 to 100`."""
    schema = resolve(schema)
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " or ".join(map(str, schema["enum"])) + describe_default(schema)
    if options := schema.get("oneOf") or schema.get("anyOf"):
        return " or ".join(dict.fromkeys(map(describe_kind, options)))
    name: str = schema.get("format") or schema.get("type", "anything")
    kind = TYPES.get(name, name)
    if "maximum" in schema:
        kind = f"{schema['minimum']} to {schema['maximum']}"
    return kind + describe_default(schema)


def describe_default(schema: Schema) -> str:
    default = schema.get("default")
    return "" if default in (None, {}, [], "") else f", {default} if absent"
