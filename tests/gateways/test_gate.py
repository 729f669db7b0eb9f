"""What comes through a gateway: requests with a good key, marked with whose they are; nothing else."""

import datetime as dt
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.utils import timezone

from accounts.actors import Actor
from accounts.support.services.support import reopen_organization, suspend_organization
from keys.api_keys.services import revoke_key, rotate_key
from keys.credentials.services import create_credential
from keys.formats import Prefix, new_secret
from keys.models import ApiKey, RequestLimits
from projects.services.archive import archive_project, restore_project
from tests.gateways.sent import Reply, bearer, send
from tests.gateways.servers import Seen, Server
from tests.usage.budgets.setup import new_budget
from tests.world import World, issued
from usage.enums import BudgetPeriod

pytestmark = pytest.mark.django_db(transaction=True)
OWN = ("X-Organization-Id", "X-Project-Id", "X-Api-Key-Id")
METHODS = ["GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"]


def whose(seen: Seen) -> list[list[str]]:
    return [seen.values(name) for name in OWN]


def ours(world: World) -> list[list[str]]:
    """What a request with the world's key is marked with: each once."""
    ids = [world.organization.public_id, world.research.public_id, world.key.public_id]
    return [[str(one)] for one in ids]


def test_a_good_key_passes_and_says_whose_it_is(world: World, gate: int, service: Server) -> None:
    reply = send(gate, *bearer(world.key_secret), path="/v1/models?limit=2&after=%2F")
    assert (reply.status, reply.body) == (200, b"served")
    [seen] = service.seen
    assert whose(seen) == ours(world)
    assert (seen.method, seen.path) == ("GET", "/v1/models?limit=2&after=%2F")
    assert seen.values("Host") == ["api.example.com"]
    default = world.other_default.api_keys.default_key()
    assert send(gate, *bearer(default.secret_text)).status == 200
    assert service.seen[1].values("X-Organization-Id") == [world.other_organization.public_id]
    assert service.seen[1].values("X-Api-Key-Id") == [default.public_id]


def test_the_service_does_not_get_the_key(world: World, gate: int, service: Server) -> None:
    send(gate, *bearer(world.key_secret))
    assert world.key_secret not in str(service.seen)


def refused_keys(world: World) -> list[tuple[str, str | None]]:
    """Keys that are not good now, each with the code of the reason."""
    owner, staff = Actor.of_user(world.owner), Actor.of_user(world.staff)
    revoked = issued(world.research, world.owner, "revoked")
    revoke_key(actor=owner, key=revoked.key)
    rotated = issued(world.research, world.owner, "rotated")
    rotate_key(actor=owner, key=rotated.key, overlap=dt.timedelta())
    expired = issued(world.research, world.owner, "expired")
    ApiKey.objects.filter(pk=expired.key.pk).update(expires_at=timezone.now())
    archived = issued(world.production, world.owner, "archived")
    archive_project(actor=owner, project=world.production)
    suspend_organization(actor=staff, organization=world.other_organization, reason="Unpaid.")
    return [
        ("", None),
        (world.key_secret[:-1] + "!", "malformed"),
        (create_credential(actor=staff, name="metering").secret, "malformed"),
        (new_secret(Prefix.PROJECT_KEY), "not_found"),
        (revoked.secret, "revoked"),
        (rotated.secret, "revoked"),
        (expired.secret, "expired"),
        (archived.secret, "project_archived"),
        (world.other_key_secret, "organization_suspended"),
    ]


def assert_refused(reply: Reply, code: str | None) -> None:
    """With the console's own answer."""
    assert reply.status == 401
    error = reply.json()["error"]
    assert (error["type"], error["code"]) == ("authentication_error", code)
    said = reply.one("WWW-Authenticate")
    assert said.startswith('Bearer realm="console"')
    assert (error["message"] in said) == bool(code)
    assert not [name for name in OWN if reply.all(name)]


def test_any_other_key_is_refused_with_the_reason(world: World, gate: int, service: Server) -> None:
    for key, code in refused_keys(world):
        assert_refused(send(gate, *bearer(key)), code)
        assert_refused(send(gate, *bearer(key), method="POST", body=b"x" * 100_000), code)
        head = send(gate, *bearer(key), method="HEAD")
        assert (head.status, head.body) == (401, b"")
    assert service.seen == []


def test_a_spent_budget_is_answered_with_the_consoles_429(
    world: World, gate: int, service: Server
) -> None:
    new_budget(world, 0, period=BudgetPeriod.DAY)
    for method in ("GET", "POST"):
        reply = send(gate, *bearer(world.key_secret), method=method)
        assert reply.status == 429
        assert reply.json()["error"]["code"] == "budget_exceeded"
        assert reply.one("X-Reason") == "budget_exceeded"
        assert 0 < int(reply.one("Retry-After")) <= 24 * 60 * 60
    assert service.seen == []


def test_a_key_is_limited_to_addresses_and_models(
    world: World, gate: int, service: Server, kind: str
) -> None:
    """The address is what the gateway sees; what the client says it is counts nothing."""
    if kind == "traefik":
        pytest.skip("It does not pass the address on.")
    key, llama = bearer(world.key_secret), b"X-Model: Llama-3.3-70B"
    limits = RequestLimits.objects.create(
        api_key=world.key, ip_ranges="127.0.0.0/8", model_rule="allow", model_names="llama-3.3-70b"
    )
    for method in ("GET", "POST"):
        assert send(gate, *key, llama, method=method).status == 200
    assert service.seen[0].values("X-Model") == ["Llama-3.3-70B"]
    service.seen.clear()
    for lines, reason in [
        ((), "model_required"),
        ((b"X-Model: other",), "model"),
    ]:
        assert_forbidden(send(gate, *key, *lines), reason)
    # Of several the service gets the one that the console has seen, if any.
    send(gate, *key, llama, b"X-Model: other", b"X_Model: other", b"X.Model: other")
    assert [seen.values("X-Model") for seen in service.seen] in ([], [["Llama-3.3-70B"]])
    service.seen.clear()
    RequestLimits.objects.filter(pk=limits.pk).update(ip_ranges="192.0.2.0/24")
    spoofed = (b"X-Forwarded-For: 192.0.2.7", b"X-Real-IP: 192.0.2.7")
    assert_forbidden(send(gate, *key, llama), "address")
    assert_forbidden(send(gate, *key, llama, *spoofed), "address")
    assert_forbidden(send(gate, *key, llama, *spoofed, method="POST", body=b"x"), "address")
    assert service.seen == []


def assert_forbidden(reply: Reply, reason: str) -> None:
    """With the console's own answer."""
    assert (reply.status, reply.all("X-Reason")) == (403, [reason]), (reply, reason)
    assert reply.json()["error"]["code"] == reason
    assert not [name for name in OWN if reply.all(name)]


def test_a_limit_of_requests_is_answered_with_the_consoles_429(
    world: World, gate: int, service: Server
) -> None:
    """Exactly so many requests pass, although nginx asks about each refused one again."""
    RequestLimits.objects.create(project=world.research, requests_per_day=10)
    key = bearer(world.key_secret)
    with ThreadPoolExecutor(16) as pool:
        replies = list(pool.map(lambda _: send(gate, *key), range(64)))
    assert sorted(reply.status for reply in replies) == [200] * 10 + [429] * 54
    assert len(service.seen) == 10
    for reply in replies:
        if reply.status == 429:
            assert reply.json()["error"]["code"] == "rate_limited"
            assert reply.one("X-Reason") == "rate_limited"
            assert 0 < int(reply.one("Retry-After")) <= 24 * 60 * 60


def test_a_key_is_refused_from_the_next_request_on(
    world: World, gate: int, service: Server
) -> None:
    """And passes again from the next one on, where the reason can be undone."""
    owner, staff, organization = (
        Actor.of_user(world.owner),
        Actor.of_user(world.staff),
        world.organization,
    )
    acts: list[tuple[Callable[[], object], int]] = [
        (lambda: archive_project(actor=owner, project=world.research), 401),
        (lambda: restore_project(actor=owner, project=world.research), 200),
        (lambda: suspend_organization(actor=staff, organization=organization, reason="x"), 401),
        (lambda: reopen_organization(actor=staff, organization=organization, reason="x"), 200),
        (lambda: revoke_key(actor=owner, key=world.key), 401),
    ]
    assert send(gate, *bearer(world.key_secret)).status == 200
    for act, status in acts:
        act()
        assert send(gate, *bearer(world.key_secret)).status == status
    assert len(service.seen) == 3


def test_a_request_passes_as_it_is(world: World, gate: int, service: Server) -> None:
    for method in METHODS:
        body = None if method in ("GET", "HEAD", "OPTIONS") else b'{"prompt": "hello"}'
        reply = send(gate, *bearer(world.key_secret), method=method, path="/a/b?c=d", body=body)
        assert (reply.status, reply.body) == (200, b"" if method == "HEAD" else b"served")
        seen = service.seen[-1]
        assert (seen.method, seen.path, seen.body) == (method, "/a/b?c=d", body or b"")
        assert whose(seen) == ours(world)
    assert len(service.seen) == len(METHODS)


def test_requests_at_once_are_never_taken_for_each_other(
    world: World, gate: int, service: Server
) -> None:
    owners = {
        "ours": (world.key_secret, world.organization.public_id),
        "theirs": (world.other_key_secret, world.other_organization.public_id),
        "nobody": (new_secret(Prefix.PROJECT_KEY), ""),
    }
    asked = [name for _ in range(70) for name in owners]
    with ThreadPoolExecutor(12) as pool:
        replies = list(
            pool.map(lambda name: send(gate, *bearer(owners[name][0]), path=f"/{name}"), asked)
        )
    assert [reply.status for reply in replies] == [401 if one == "nobody" else 200 for one in asked]
    assert len(service.seen) == 140
    for seen in service.seen:
        assert seen.values("X-Organization-Id") == [owners[seen.path[1:]][1]]
