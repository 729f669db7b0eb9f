"""The operations below `client.admin.organization` of the official client, and their table in the docs.

    python -m tests.client.openai.operations

writes docs/openai-client.md.
"""

import functools
import inspect
import os
import re
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import django
import httpx2
import openai
from openai._resource import SyncAPIResource

from tests.checks.source import ROOT

PAGE = ROOT / "docs" / "openai-client.md"
HEAD = """# Operations of OpenAI's client

These are all operations below `client.admin.organization` of the Python package `openai` {version}.
{working} of them work here, the other {others} are answered with 404 `not_supported`.
[api.md](api.md#what-the-console-does-not-have) says why. A test calls each of them with the unmodified
client (`tests/client/openai/test_every_operation.py`).

| Operation | Request | Console |
|---|---|---|
"""


# Arguments of all operations.
OF_REQUESTS = {"extra_headers", "extra_query", "extra_body", "timeout"}


class Operation(NamedTuple):
    """`name` is what follows `client.admin.organization`, such as `projects.users.create`."""

    name: str
    call: Callable[..., Any]

    def call_with_anything(self) -> Any:
        """Returns what it answers to `x` in place of each argument."""
        names = set(inspect.signature(self.call).parameters) - OF_REQUESTS
        return self.call(**dict.fromkeys(names, "x"))


def find_operations(client: openai.OpenAI) -> list[Operation]:
    """Returns all operations of the client, by name."""
    return sorted(walk(client.admin.organization, ""))


def walk(resource: SyncAPIResource, path: str) -> Iterator[Operation]:
    for name, member in inspect.getmembers(type(resource)):
        if name.startswith(("_", "with_")):
            continue
        if isinstance(member, functools.cached_property):
            yield from walk(getattr(resource, name), f"{path}{name}.")
        elif callable(member):
            yield Operation(f"{path}{name}", getattr(resource, name))


def find_requests() -> dict[str, str]:
    """Returns the method and path of each operation by its name, as the client sends them."""
    sent: list[httpx2.Request] = []

    def note(request: httpx2.Request) -> httpx2.Response:
        sent.append(request)
        return httpx2.Response(200, json={"object": "list", "data": []})

    http_client = httpx2.Client(transport=httpx2.MockTransport(note))
    with openai.OpenAI(
        admin_api_key="ak_", base_url="http://console/v1", http_client=http_client
    ) as client:
        requests = {}
        for operation in find_operations(client):
            operation.call_with_anything()
            path = re.sub(r"/x(?=/|$)", "/…", sent[-1].url.path)
            requests[operation.name] = f"{sent[-1].method} {path}"
    return requests


def render_page(working: set[str]) -> str:
    """Returns the page; `working` are the names of the operations that the console has."""
    requests = find_requests()
    lines = [
        f"| `{name}` | `{request}` | {'works' if name in working else '`not_supported`'} |"
        for name, request in requests.items()
    ]
    head = HEAD.format(
        version=openai.__version__, working=len(working), others=len(requests) - len(working)
    )
    return head + "\n".join(lines) + "\n"


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "tests.settings")
    django.setup()
    from console.api.reference.client import CLIENT_METHODS  # needs the settings

    PAGE.write_text(render_page(set(CLIENT_METHODS.values())))
