"""One request to a gateway, written byte by byte, so that a test can send what no client would."""

import json
import re
import socket
from dataclasses import dataclass
from http.client import HTTPResponse
from typing import Any

SECONDS = 10.0


@dataclass(frozen=True)
class Reply:
    """What the gateway answered; header names in lower case."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes

    def all(self, name: str) -> list[str]:
        return [value for each, value in self.headers if each == name.lower()]

    def one(self, name: str) -> str:
        [value] = self.all(name)
        return value

    def json(self) -> Any:
        return json.loads(self.body)


def bearer(key: str) -> tuple[bytes, ...]:
    """The header that carries a key; none for an empty one."""
    return (b"Authorization: Bearer " + key.encode(),) if key else ()


def send(
    port: int,
    *lines: bytes,
    method: str = "GET",
    path: str = "/",
    body: bytes | None = None,
    host: str = "api.example.com",
) -> Reply:
    """The answer to a request with these header lines; each is sent as it is."""
    length = () if body is None else (b"Content-Length: %d" % len(body),)
    head = (f"{method} {path} HTTP/1.1".encode(), b"Host: " + host.encode(), *length, *lines)
    return raw(port, b"\r\n".join(head) + b"\r\n\r\n" + (body or b""), method)


def raw(port: int, request: bytes, method: str = "GET") -> Reply:
    with socket.create_connection(("127.0.0.1", port), SECONDS) as connection:
        connection.sendall(request)
        response = HTTPResponse(connection, method=method)
        response.begin()
        headers = [(name.lower(), value) for name, value in response.getheaders()]
        return Reply(response.status, headers, response.read())


def lenient(name: str) -> str:
    """A header's name as CGI, WSGI and PHP make a variable of it: `x_organization_id`."""
    return re.sub(r"[^a-z0-9]", "_", name.strip().lower())
