"""Bodies in chunks, without a Content-Length, through a real gunicorn: read like all others, to the limit."""

import gzip
import json
from http.client import parse_headers
from typing import IO
from urllib.parse import urlencode

import pytest

from keys.clients import CLIENTS
from tests.load.clients import received
from tests.load.server import Server
from tests.usage.helpers.event_client import CORRECTIONS, EVENTS, event, pipe
from tests.world import World
from usage.models import UsageRecord

pytestmark = pytest.mark.django_db(transaction=True)
JSON, FORM = "application/json", "application/x-www-form-urlencoded"
VERIFY, DEVICE, SIGN_IN = "/v1/keys/verify", "/oauth/device", "/accounts/login/"


def in_chunks(body: bytes, size: int = 1000) -> bytes:
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in parts) + b"0\r\n\r\n"


def send(
    server: Server, path: str, chunks: bytes, kind: str = JSON, secret: str = "", *more: str
) -> int:
    """The status of a POST with these chunks."""
    lines = [
        *(f"POST {path} HTTP/1.1", f"Host: 127.0.0.1:{server.port}", f"Content-Type: {kind}"),
        *("Transfer-Encoding: chunked", *([f"Authorization: Bearer {secret}"] if secret else [])),
        *more,
    ]
    with server.connect() as connection:
        connection.sendall("\r\n".join(lines).encode() + b"\r\n\r\n" + chunks)
        answer = b""
        while b"\r\n" not in answer:
            answer += received(connection)
    return int(answer.split(b" ", 2)[1])


def test_programs_may_send_chunks(world: World, server: Server) -> None:
    secret = pipe(world)
    events = [event(world, id=f"chunked-{n}") for n in range(20)]
    body = json.dumps({"events": events}).encode()
    assert send(server, EVENTS, in_chunks(body), JSON, secret) == 200
    assert UsageRecord.objects.count() == 20
    packed = in_chunks(gzip.compress(body))
    assert send(server, EVENTS, packed, JSON, secret, "Content-Encoding: gzip") == 200
    fix = {"id": "fix", "event_id": "chunked-1", "kind": "void", "reason": "Never ran."}
    body = json.dumps({"corrections": [fix]}).encode()
    assert send(server, CORRECTIONS, in_chunks(body, 7), JSON, secret) == 200
    assert UsageRecord.objects.count() == 21
    body = json.dumps({"key": world.key_secret}).encode()
    assert send(server, VERIFY, in_chunks(body, 1), JSON, secret) == 200


def test_forms_may_be_sent_in_chunks(world: World, server: Server) -> None:
    body = urlencode({"client_id": next(iter(CLIENTS))}).encode()
    assert send(server, DEVICE, in_chunks(body, 5), FORM) == 200
    # A form of the console without its token is refused for that, not for being empty.
    assert send(server, SIGN_IN, in_chunks(b"login=a", 2), FORM) == 403
    parts = b'--x\r\nContent-Disposition: form-data; name="login"\r\n\r\na\r\n--x--\r\n'
    assert send(server, SIGN_IN, in_chunks(parts, 5), "multipart/form-data; boundary=x") == 403


@pytest.mark.parametrize(
    ("path", "limit"),
    [(EVENTS, 1_048_576), (VERIFY, 4096), (DEVICE, 1_048_576), (SIGN_IN, 1_048_576)],
)
def test_chunks_are_read_to_the_limit(world: World, server: Server, path: str, limit: int) -> None:
    kind = FORM if path in (DEVICE, SIGN_IN) else JSON
    secret = pipe(world)
    body = b"a=" + b" " * (limit - 2)
    assert send(server, path, in_chunks(body, 65_536), kind, secret) != 413
    assert send(server, path, in_chunks(body + b" ", 65_536), kind, secret) == 413


@pytest.mark.parametrize("path", [EVENTS, VERIFY, DEVICE, SIGN_IN])
@pytest.mark.parametrize("chunks", [b"x\r\n", b"5\r\nab\r\n0\r\n\r\n", b"-1\r\n\r\n"])
def test_malformed_chunks_are_400(world: World, server: Server, path: str, chunks: bytes) -> None:
    assert send(server, path, chunks, JSON, pipe(world)) == 400
    assert "Traceback" not in server.log.read_text()


def next_status(answers: IO[bytes]) -> int:
    status = int(answers.readline().split(b" ", 2)[1])
    answers.read(int(parse_headers(answers)["Content-Length"]))
    return status


def test_the_next_request_on_the_connection_begins_after_the_chunks(
    world: World, server: Server
) -> None:
    head = f"POST {VERIFY} HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nContent-Type: {JSON}\r\n"
    head += f"Authorization: Bearer {pipe(world)}\r\nTransfer-Encoding: chunked\r\n\r\n"
    bodies = [b" " * 5000, json.dumps({"key": world.key_secret}).encode()]
    with server.connect() as connection:
        connection.sendall(b"".join(head.encode() + in_chunks(body) for body in bodies))
        # Both answers may arrive together.
        answers = connection.makefile("rb")
        assert [next_status(answers) for _ in bodies] == [413, 200]


def test_empty_chunks_are_an_empty_body(world: World, server: Server) -> None:
    assert send(server, EVENTS, b"0\r\n\r\n", JSON, pipe(world)) == 400
