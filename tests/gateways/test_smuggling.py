"""A client cannot say itself whose it is: what it sends by the names of the three headers is gone."""

import pytest

from tests.gateways.sent import Reply, bearer, raw, send
from tests.gateways.servers import Server
from tests.gateways.test_gate import OWN, ours, whose
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)
WRONG = b"org_somebodyelsesorgani"


def spellings(name: str) -> list[list[bytes]]:
    """Header lines with which somebody might get `WRONG` past a gateway as the value of `name`."""
    plain = name.encode()
    names = [
        *(plain, plain.lower(), plain.upper(), plain.swapcase()),
        *(
            plain.replace(b"-", b"_"),
            plain.replace(b"-", b"_", 1),
            plain.lower().replace(b"-", b"_"),
        ),
        *(
            b"_".join(plain.rsplit(b"-", 1)),
            plain.replace(b"-", b"."),
            plain.replace(b"-", b".", 1),
        ),
        *(plain + b" ", plain + b"\t", b" " + plain, plain + b"\x00", plain + b"\xc2\xa0"),
        plain.replace(b"-", b" "),
    ]
    line = plain + b": " + WRONG
    return [
        *([each + b": " + WRONG] for each in names),
        [line, line],
        [line, plain + b":"],
        [plain + b":" + WRONG],
        [plain + b":\t" + WRONG],
        [plain + b":"],
        # A line that continues the one before it, and ends of lines that not everybody takes for one.
        [b"X-Other: a", b" " + line],
        [b"X-Other: a\n" + line],
        [b"X-Other: a\r" + line],
        [plain + b":\r\n " + WRONG],
        # What is named here goes no further than the next hop, which must not be the marks.
        [b"Connection: " + plain],
        [b"Connection: keep-alive, " + plain, line],
        [b"Connection: close, " + plain.lower(), b"Connection: " + plain],
        [b"Proxy-Connection: " + plain],
        [b"Keep-Alive: " + plain, b"TE: trailers, " + plain],
    ]


def assert_not_smuggled(world: World, reply: Reply, service: Server, sent: object) -> None:
    """Refused, or passed with the right marks and without a trace of the wrong one."""
    if not service.seen:
        # As malformed, or because a continued line became a part of the key.
        assert reply.status in (400, 401), sent
        return
    [seen] = service.seen
    assert whose(seen) == ours(world), sent
    assert WRONG.decode() not in dict(seen.headers).values(), sent
    assert reply.status == 200


@pytest.mark.parametrize("name", OWN)
def test_no_spelling_of_a_header_gets_through(
    world: World, gate: int, service: Server, name: str
) -> None:
    refused = 0
    for lines in spellings(name):
        for given in ([*lines, *bearer(world.key_secret)], [*bearer(world.key_secret), *lines]):
            service.seen.clear()
            reply = send(gate, *given)
            assert_not_smuggled(world, reply, service, lines)
            refused += reply.status != 200
    assert refused < len(spellings(name))  # most of them are no reason to refuse a request


def test_a_bad_key_with_the_headers_does_not_pass(world: World, gate: int, service: Server) -> None:
    lines = [name.encode() + b": " + WRONG for name in OWN]
    for key in ("", "pk_x", world.key_secret[:-1]):
        assert send(gate, *bearer(key), *lines).status == 401
    assert service.seen == []


def test_trailers_are_no_headers(world: World, gate: int, service: Server) -> None:
    name = OWN[0].encode()
    head = [b"POST / HTTP/1.1", b"Host: api.example.com", *bearer(world.key_secret)]
    head += [b"Transfer-Encoding: chunked", b"Trailer: " + name]
    body = b"5\r\nhello\r\n0\r\n" + name + b": " + WRONG + b"\r\n\r\n"
    reply = raw(gate, b"\r\n".join(head) + b"\r\n\r\n" + body, "POST")
    assert_not_smuggled(world, reply, service, "a trailer")
    assert [seen.body for seen in service.seen] in ([], [b"hello"])


def test_two_keys_are_not_taken_for_one(world: World, gate: int, service: Server) -> None:
    """Whichever the gateway asks about, the marks are of that key alone; or it refuses."""
    both = (*bearer(world.key_secret), *bearer(world.other_key_secret))
    reply = send(gate, *both)
    marks = [ours(world)] if reply.status == 200 else []
    assert [whose(seen) for seen in service.seen] == marks
    assert reply.status in (200, 400, 401)


def test_the_gateway_does_not_serve_what_it_asks_itself(
    world: World, gate: int, service: Server
) -> None:
    for path in ("/_console/auth", "/_console/refusal", "/_console/"):
        reply = send(gate, *bearer(world.key_secret), path=path)
        assert not [name for name in OWN if reply.all(name)], path
        # Not there, or a path of the service like any other.
        assert reply.status in (404, 200), path
        assert reply.status == 404 or service.seen[-1].path == path
