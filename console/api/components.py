"""The schemas of the OpenAPI document: of all structs that the operations of the API name."""

from collections.abc import Iterable
from typing import Any

from accounts.web.api.errors import Error, OAuthError
from accounts.web.api.operations import Operation
from accounts.web.api.schemas import (
    Schema,
    drop_null,
    make_example,
    make_schemas,
    resolve_schema,
    split_union,
)


class Components:
    """Makes the schemas at once; `schemas` are those that the document refers to by name."""

    def __init__(self, operations: Iterable[Operation]) -> None:
        kinds: list[Any] = [Error, OAuthError]
        parameters: list[Any] = []
        for operation in operations:
            kinds += [*split_union(operation.body), *split_union(operation.answer)]
            kinds.append(operation.accepted)
            parameters += [operation.query, operation.headers, operation.answer_headers]
        kinds = list(filter(None, dict.fromkeys(kinds)))
        parameters = list(filter(None, dict.fromkeys(parameters)))
        schemas, self.schemas = make_schemas([*kinds, *parameters])
        self.by_kind = dict(zip([*kinds, *parameters], schemas, strict=True))
        self.fields = {kind: self.schemas.pop(kind.__name__) for kind in parameters}

    def get_schema(self, kind: Any) -> Schema:
        """Returns the schema of a kind, mostly a reference; of a union one for each of its members."""
        schemas = [self.by_kind[member] for member in split_union(kind)]
        return schemas[0] if len(schemas) == 1 else {"oneOf": schemas}

    def describe(self, kind: Any) -> str:
        """Returns the docstring of the struct."""
        text: str = resolve_schema(self.get_schema(kind), self.schemas)["description"]
        return text

    def describe_content(self, kind: Any) -> dict[str, Any]:
        schema = self.get_schema(kind)
        described: dict[str, Any] = {"schema": schema}
        if resolve_schema(schema, self.schemas) != {"type": "object"}:
            described["example"] = make_example(schema, self.schemas)
        return described

    def list_parameters(self, kind: Any, location: str) -> list[dict[str, Any]]:
        """Returns the fields of a struct as parameters, which cannot be null."""
        if not kind:
            return []
        fields = self.fields[kind]
        return [
            {
                "name": name,
                "in": location,
                **({"required": True} if name in fields["required"] else {}),
                **describe_field(drop_null(schema)),
            }
            for name, schema in fields["properties"].items()
        ]

    def list_headers(self, kind: Any) -> dict[str, Any]:
        """Returns the fields of a struct as headers of an answer."""
        properties = self.fields[kind]["properties"] if kind else {}
        return {
            name: {"required": True, **describe_field(schema)}
            for name, schema in properties.items()
        }


def describe_field(schema: Schema) -> dict[str, Any]:
    """Returns a field as parameter or header, where the description stands beside the schema."""
    rest = {name: value for name, value in schema.items() if name != "description"}
    return {"description": schema.get("description", ""), "schema": rest}
