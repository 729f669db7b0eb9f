"""A console that is away, hangs or answers nonsense closes the gate, with 503 and when to try again."""

import signal
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.gateways.conftest import Strange
from tests.gateways.console import Console
from tests.gateways.sent import Reply, bearer, send
from tests.gateways.servers import Answer, Seen, Server
from tests.gateways.test_gate import OWN
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
KEY = bearer("pk_whatever")


def assert_closed(reply: Reply) -> None:
    assert reply.status == 503
    assert int(reply.one("Retry-After")) > 0
    if reply.all("Content-Type") == ["application/json"]:  # Traefik has no words of its own
        assert reply.json()["error"]["type"] == "service_unavailable"


def test_a_killed_console_closes_the_gate_until_it_is_back(
    world: World, gate: int, service: Server, console: Console
) -> None:
    key = bearer(world.key_secret)
    assert send(gate, *key).status == 200
    console.stop(signal.SIGKILL)
    try:
        for _ in range(3):
            assert_closed(send(gate, *key))
        assert_closed(send(gate, *key, method="POST", body=b"x" * 100_000))
        assert_closed(send(gate))
    finally:
        console.start()
    assert send(gate, *key).status == 200
    assert len(service.seen) == 2


def test_a_console_that_hangs_closes_the_gate_in_seconds(
    world: World, gate: int, service: Server, console: Console
) -> None:
    key = bearer(world.key_secret)
    console.signal(signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(4) as pool:  # `send` gives up before the gate may
            for reply in pool.map(lambda _: send(gate, *key), range(4)):
                assert_closed(reply)
    finally:
        console.signal(signal.SIGCONT)
    assert send(gate, *key).status == 200
    assert len(service.seen) == 1


def strange(status: int, **headers: str) -> Callable[[Seen], Answer]:
    return lambda seen: (status, headers, b"")


STRANGE = {
    "nothing": strange(0),
    "busy": strange(503, **{"Retry-After": "5"}),
    "broken": strange(500),
    "elsewhere": strange(302, Location="https://console.example.com/"),
    "not there": strange(404),
    "another host": strange(400),
}


def test_an_answer_that_is_none_closes_the_gate(gate_at: Strange, service: Server) -> None:
    with gate_at(strange(500)) as (gate, asked):
        for name, answer in STRANGE.items():
            asked.answer = answer
            assert (name, send(gate, *KEY).status) == (name, 503)
        assert len(asked.seen) >= len(STRANGE)
        assert service.seen == []


def test_the_console_gets_the_key_and_model_and_nothing_else(
    gate_at: Strange, service: Server
) -> None:
    good = strange(200, **dict.fromkeys(OWN, "good"))
    with gate_at(good) as (gate, asked):
        more = (
            b"Cookie: a=b",
            b"X-Forwarded-Host: evil.example",
            b"Expect: 100-continue",
            b"X-Model: llama",
        )
        body = b"x" * 1_000_000
        reply = send(gate, *KEY, *more, method="POST", path="/upload?secret", body=body)
        assert reply.status == 200
        [question] = asked.seen
        assert (question.path, question.body) == ("/v1/auth", b"")
        assert question.method in ("GET", "HEAD")
        assert question.values("Host") == ["console.example.com"]
        assert question.values("Authorization") == ["Bearer pk_whatever"]
        assert question.values("Cookie") == []
        assert question.values("X-Model") == ["llama"]
        assert question.values("Content-Length") in ([], ["0"])
        [seen] = service.seen
        assert len(seen.body) == 1_000_000


def test_connections_to_the_console_are_kept(gate_at: Strange, service: Server) -> None:
    with gate_at(strange(200, **dict.fromkeys(OWN, "good"))) as (gate, asked):
        before = asked.connections
        for _ in range(20):
            assert send(gate, *KEY).status == 200
        assert asked.connections - before <= 2


def test_what_the_service_answers_passes(gate_at: Strange, service: Server) -> None:
    """Its own 401, 500 and 503 are not taken for the console's."""
    with gate_at(strange(200, **dict.fromkeys(OWN, "good"))) as (gate, _):
        for status in (401, 403, 404, 500, 503):
            service.answer = strange(status, **{"X-Mine": "yes"})
            reply = send(gate, *KEY)
            assert (reply.status, reply.all("X-Mine"), reply.all("Retry-After")) == (
                status,
                ["yes"],
                [],
            )
