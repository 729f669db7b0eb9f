"""Metering pipes: processes that post usage to a real server, and again until it is acknowledged."""

import http.client
import json
import multiprocessing
import time
from typing import Any

from tests.load.server import Server

FORK = multiprocessing.get_context("fork")
PATIENCE = 60.0  # seconds


def posted(port: int, secret: str, events: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The acknowledgement of one try; None when there is none, or it is not a good one."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        body = json.dumps({"events": events})
        headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        connection.request("POST", "/v1/usage/events", body, headers)
        answer = connection.getresponse()
        content = answer.read()
        return json.loads(content) if answer.status == 200 else None
    except (OSError, http.client.HTTPException, ValueError):
        return None
    finally:
        connection.close()


def post_until_acknowledged(port: int, secret: str, events: list[dict[str, Any]]) -> dict[str, Any]:
    """The acknowledgement, however often it takes."""
    started = time.monotonic()
    while time.monotonic() - started < PATIENCE:
        if answer := posted(port, secret, events):
            return answer
        time.sleep(0.05)
    raise TimeoutError("no acknowledgement")


def at_once(server: Server, secret: str, lots: list[list[dict[str, Any]]]) -> list[dict[str, Any]]:
    """What as many processes were told, each of which posts one lot until it is acknowledged."""
    with FORK.Pool(len(lots)) as pool:
        asked = [(server.port, secret, lot) for lot in lots]
        return pool.starmap(post_until_acknowledged, asked)
