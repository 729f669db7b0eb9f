"""JSON Schema (2020-12) of structs, from msgspec; and what it says in words and examples."""

import types
from collections.abc import Iterable
from functools import cache
from typing import Any, Union, get_args, get_origin

import msgspec
from django.db.models import Choices

Schema = dict[str, Any]
REFERENCE = "#/components/schemas/{name}"
PLACEHOLDER = "…"
EXAMPLES: dict[str, Any] = {"integer": 1, "number": 1, "boolean": True}


def make_schemas(kinds: Iterable[Any]) -> tuple[list[Schema], dict[str, Schema]]:
    """Returns a schema of each kind, and the named schemas that they refer to."""
    schemas, components = msgspec.json.schema_components(
        kinds, schema_hook=describe_choices, ref_template=REFERENCE
    )
    return clean_schema(list(schemas)), clean_schema(components)


def describe_choices(kind: Any) -> Schema:
    """Returns the schema of Django's choices, which msgspec reads as enums but does not describe."""
    if isinstance(kind, type) and issubclass(kind, Choices):
        return {"enum": kind.values}
    raise NotImplementedError


def split_union(kind: Any) -> tuple[Any, ...]:
    """Returns the members of a union, or the kind itself if it is not one."""
    return get_args(kind) if get_origin(kind) in (Union, types.UnionType) else (kind,)


def clean_schema(value: Any) -> Any:
    r"""Returns msgspec's schema without titles, with docstrings in one line and `$` for Python's `\Z`."""
    if isinstance(value, dict):
        # A member may be called `title` too.
        return {
            name: clean_schema(item)
            for name, item in value.items()
            if not (name == "title" and isinstance(item, str))
        }
    if isinstance(value, list):
        return [clean_schema(item) for item in value]
    return " ".join(value.replace(r"\Z", "$").split()) if isinstance(value, str) else value


def resolve_schema(schema: Schema, components: dict[str, Schema]) -> Schema:
    """Returns the schema that a reference refers to, or the schema itself."""
    name = schema.get("$ref", "").rpartition("/")[2]
    return components[name] if name else schema


def drop_null(schema: Schema) -> Schema:
    """Returns the schema of the values other than null."""
    options = [option for option in schema.get("anyOf", ()) if option.get("type") != "null"]
    if len(options) != 1:
        return schema
    rest = {name: value for name, value in schema.items() if name not in ("anyOf", "default")}
    return {**options[0], **rest}


@cache
def cached_schemas(kind: Any) -> tuple[Schema, dict[str, Schema]]:
    (schema,), components = make_schemas([kind])
    return schema, components


def find_schema(kind: Any, path: str) -> Schema:
    """Returns the schema at a path such as `projects[0].id`; empty where the struct has none."""
    schema, components = cached_schemas(kind)
    schema = resolve_schema(schema, components)
    while path:
        names = [name for name in schema.get("properties", ()) if path.startswith(name)]
        if names:
            name = max(names, key=len)
            schema, path = schema["properties"][name], path[len(name) :]
        elif path.startswith("[") and "items" in schema:
            schema, path = schema["items"], path.partition("]")[2]
        else:
            return {}
        path = path.lstrip(".")
        schema = resolve_schema(drop_null(schema), components)
    return schema


# `id` and `month` are ours; JSON Schema leaves formats open.
FORMATS = {
    "date": "a day",
    "date-time": "a time",
    "id": "an id",
    "month": "a month",
    "uri": "a URL",
}
NOUNS = {
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "an object",
}


def describe_value(schema: Schema) -> str:
    """Returns what the schema expects, as the end of a sentence; empty for anything."""
    if "enum" in schema:
        return " or ".join(map(str, schema["enum"]))
    kind = schema.get("type", "")
    if kind == "string":
        return describe_text(schema)
    if "minimum" in schema and "maximum" in schema:
        return f"{NOUNS[kind]} from {schema['minimum']} to {schema['maximum']}"
    if "maxItems" in schema:
        least, most = schema.get("minItems", 0), schema["maxItems"]
        return f"a list of {f'{least} to' if least else 'at most'} {most} items"
    return NOUNS.get(kind, "")


def describe_text(schema: Schema) -> str:
    least, most = schema.get("minLength", 0), schema.get("maxLength")
    length = f" of {least} to {most} characters" if most else ""
    examples = schema.get("examples")
    noun = FORMATS.get(schema.get("format", ""), "text")
    return f"{noun}{length}{f' such as {examples[0]}' if examples else ''}"


def make_example(schema: Schema, components: dict[str, Schema]) -> Any:
    """Returns a value of the schema, from examples of its fields. Optional fields without any are absent."""
    schema = resolve_schema(schema, components)
    for name in ("examples", "enum"):
        if name in schema:
            return schema[name][0]
    if "const" in schema:
        return schema["const"]
    if options := schema.get("oneOf") or schema.get("anyOf"):
        return make_example(options[0], components)
    kind = schema.get("type")
    if kind == "array":
        return [make_example(schema["items"], components)]
    if kind == "object":
        return make_object(schema, components)
    return schema.get("minimum", EXAMPLES.get(str(kind), PLACEHOLDER))


def make_object(schema: Schema, components: dict[str, Schema]) -> dict[str, Any]:
    return {
        name: make_example(member, components)
        for name, member in schema.get("properties", {}).items()
        if name in schema["required"] or "examples" in member
    }
