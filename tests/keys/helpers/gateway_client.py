"""A gateway that asks the console about keys, as tests see it."""

import json
from collections.abc import Callable
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from tests.support.openapi_contract import documented

VERIFY, AUTH = "/v1/keys/verify", "/v1/auth"


def verify(credential: str, key: Any, *, said: Any = None, **more: Any) -> Any:
    """POST /v1/keys/verify with that service credential; `said` is what else the body has."""
    return post(json.dumps({"key": key, **(said or {})}), credential, **more)


def post(body: str | bytes, credential: str = "", **more: Any) -> Any:
    given = {"content_type": "application/json", **more}
    headers = {"authorization": f"Bearer {credential}"} if credential else {}
    answer = Client(raise_request_exception=False).post(VERIFY, body, headers=headers, **given)
    return documented(answer)


def auth(key: str, **more: str) -> Any:
    """GET /v1/auth with that key as bearer token, and more headers."""
    headers = {"authorization": f"Bearer {key}", **more} if key else more
    return documented(Client(raise_request_exception=False).get(AUTH, headers=headers))


def code_of(credential: str, key: str) -> str:
    answer = verify(credential, key)
    assert answer.status_code == 200
    return str(answer.json()["code"])


def queries_of(act: Callable[[], Any]) -> int:
    """Without the one that counts for the limits, which on SQLite goes to another file."""
    with CaptureQueriesContext(connection) as captured:
        act()
    return sum("rate_windows" not in query["sql"] for query in captured)
