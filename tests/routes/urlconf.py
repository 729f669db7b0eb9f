"""All routes of the URLconf, however deep they are included."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.urls import URLPattern, URLResolver, get_resolver


@dataclass(frozen=True)
class Route:
    """One address: `name` with its namespace, or its pattern where it has none."""

    name: str
    pattern: str
    view: Any


def all_routes() -> list[Route]:
    return list(below(get_resolver(), "", ""))


def below(resolver: URLResolver, prefix: str, namespace: str) -> Iterator[Route]:
    for one in resolver.url_patterns:
        pattern = prefix + str(one.pattern)
        if isinstance(one, URLPattern):
            name = namespace + one.name if one.name else pattern
            yield Route(name, pattern, one.callback)
        else:
            inner = f"{namespace}{one.namespace}:" if one.namespace else namespace
            yield from below(one, pattern, inner)
