"""The reference page of the API: the OpenAPI document, drawn on the server."""

import functools
import json
from collections.abc import Iterator
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.access.decorators import public_page
from accounts.web.openapi import FORM, Schema
from console.api.openapi import document

NAMES = {
    "apiKey": "an API key",
    "serviceCredential": "a service credential",
    "terminal": "a terminal’s access token",
    "personalToken": "a personal access token",
}
VARIABLES = {
    "apiKey": "$API_KEY",
    "serviceCredential": "$CREDENTIAL",
    "terminal": "$TOKEN",
    "personalToken": "$TOKEN",
}
TYPES = {"integer": "whole number", "string": "text", "boolean": "true or false", "array": "list"}


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
class Entry:
    """One operation as the page shows it."""

    anchor: str
    method: str
    path: str
    title: str
    text: str
    credentials: str
    curl: str
    parameters: list[Field]
    body: list[Shape]
    answer: str
    answered: list[Shape]
    example: str
    errors: list[tuple[str, str, str]]


@dataclass(frozen=True)
class Group:
    name: str
    about: str
    entries: list[Entry]


@public_page(title="API reference")
def reference(request: HttpRequest) -> HttpResponse:
    """For everybody: it tells nothing of anybody."""
    return render(
        request, "console/api/reference.html", {"groups": groups(), "base": settings.BASE_URL}
    )


@functools.cache
def groups() -> list[Group]:
    entries = [
        (operation["tags"][0], entry(path, method, operation))
        for path, methods in document()["paths"].items()
        for method, operation in methods.items()
    ]
    return [
        Group(
            tag["name"], tag["description"], [one for name, one in entries if name == tag["name"]]
        )
        for tag in document()["tags"]
    ]


def entry(path: str, method: str, operation: dict[str, Any]) -> Entry:
    body = next(iter(operation.get("requestBody", {}).get("content", {}).items()), None)
    good = operation["responses"]["200"]
    content: dict[str, Any] = next(iter(good.get("content", {}).values()), {})
    example = content.get("example")
    return Entry(
        anchor=operation["operationId"].replace("_", "-"),
        method=method.upper(),
        path=path,
        title=operation["summary"],
        text=spoken(operation["description"]),
        credentials=" or ".join(NAMES[name] for one in operation["security"] for name in one),
        curl=curl(path, method, operation, body),
        parameters=[*map(given, operation.get("parameters", []))],
        body=shapes(body[1]["schema"]) if body else [],
        answer=good["description"],
        answered=shapes(content["schema"]) if "schema" in content else [],
        example="" if example is None else pretty(example),
        errors=[
            (status, HTTPStatus(int(status)).phrase, spoken(one["description"]))
            for status, one in operation["responses"].items()
            if status != "200"
        ],
    )


def curl(path: str, method: str, operation: dict[str, Any], body: tuple[str, Any] | None) -> str:
    """A command that sends it, with the credential in a variable of the shell."""
    lines = [f"curl {settings.BASE_URL}{path}"]
    if operation["security"]:
        (name,) = operation["security"][0]
        lines.append(f'-H "Authorization: Bearer {VARIABLES[name]}"')
    lines += [
        f'-H "{one["name"]}: …"' for one in operation.get("parameters", []) if one["in"] == "header"
    ]
    if body and body[0] == FORM:
        lines += [f"-d {urlencode({name: value})}" for name, value in body[1]["example"].items()]
    elif body:
        lines.append(f'-H "Content-Type: {body[0]}"')
        lines.append(f"-d '{json.dumps(body[1]['example'], ensure_ascii=False)}'")
    return " \\\n    ".join(lines)


def spoken(text: str) -> SafeString:
    """The text of the document, with what it quotes in backticks as code."""
    parts = [
        format_html("<code>{}</code>", one) if number % 2 else one
        for number, one in enumerate(text.split("`"))
    ]
    return format_html_join("", "{}", ((one,) for one in parts))


def pretty(value: Any) -> str:
    return json.dumps(value, indent=2, ensure_ascii=False)


def given(parameter: dict[str, Any]) -> Field:
    about = parameter.get("description", "")
    needed = parameter.get("required", False)
    return Field(parameter["name"], kind_of(parameter["schema"]), spoken(about), needed)


def resolved(schema: Schema) -> Schema:
    """The schema itself where one only names it."""
    name = schema.get("$ref", "").rpartition("/")[2]
    return document()["components"]["schemas"][name] if name else schema


def shapes(schema: Schema) -> list[Shape]:
    schema = resolved(schema)
    found = [resolved(one) for one in schema.get("oneOf", [schema])]
    return [
        Shape(spoken(one.get("description", "")), [*once(below(one, ""))])
        for one in found
        if {"properties", "items"} & set(one)
    ]


def once(fields: Iterator[Field]) -> Iterator[Field]:
    """Of members that several forms of one thing have, the first."""
    seen: set[str] = set()
    for field in fields:
        if field.name not in seen:
            seen.add(field.name)
            yield field


def below(schema: Schema, prefix: str) -> Iterator[Field]:
    """The members of an object, and of what lies in it."""
    schema = resolved(schema)
    for one in (*schema.get("oneOf", ()), *schema.get("anyOf", ())):
        yield from below(one, prefix)
    if "items" in schema:
        yield from below(schema["items"], f"{prefix}[].")
    for name, member in schema.get("properties", {}).items():
        about, needed = resolved(member).get("description", ""), name in schema.get("required", ())
        full = f"{prefix}{name}".lstrip(".")
        yield Field(full, kind_of(member), spoken(about), needed)
        yield from below(member, full if "items" in resolved(member) else f"{full}.")


def kind_of(schema: Schema) -> str:
    """What kind of value it is, in words: `text or null`, `day or hour`, `1 to 100`."""
    schema = resolved(schema)
    if "const" in schema:
        return json.dumps(schema["const"])
    if "enum" in schema:
        return " or ".join(map(str, schema["enum"]))
    if options := schema.get("oneOf") or schema.get("anyOf"):
        return " or ".join(dict.fromkeys(map(kind_of, options)))
    types = schema.get("type", "anything")
    kinds = [TYPES.get(one, one) for one in ([types] if isinstance(types, str) else types)]
    if schema.get("format") in ("date", "date-time", "uri"):
        kinds[0] = {"date": "day", "date-time": "time", "uri": "address"}[schema["format"]]
    if "maximum" in schema:
        kinds[0] = f"{schema['minimum']} to {schema['maximum']}"
    usual = (
        f", {schema['default']} if absent" if schema.get("default") not in (None, {}, "") else ""
    )
    return " or ".join(kinds) + usual
