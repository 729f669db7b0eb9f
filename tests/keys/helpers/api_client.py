"""A program that calls the API with a credential, as tests see it."""

import json
from typing import Any

from django.test import Client

from tests.support.openapi_contract import documented


def call(path: str, credential: str = "", method: str = "GET") -> Any:
    headers = {"authorization": f"Bearer {credential}"} if credential else {}
    answer = Client(raise_request_exception=False).generic(method, path, headers=headers)
    return documented(answer)


def error_of(answer: Any) -> dict[str, Any]:
    """What the error says; in the one form that all have."""
    assert answer["Content-Type"] == "application/json"
    assert set(answer.json()) == {"error"}
    error: dict[str, Any] = answer.json()["error"]
    assert set(error) == {"message", "type", "param", "code"}
    return error


def send(path: str, credential: str, body: Any = None, method: str = "POST", **headers: str) -> Any:
    """A request with a JSON body, or with none."""
    answer = Client(raise_request_exception=False).generic(
        method,
        path,
        b"" if body is None else json.dumps(body),
        content_type="application/json",
        headers={"authorization": f"Bearer {credential}", **headers},
    )
    return documented(answer)
