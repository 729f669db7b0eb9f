"""Requests a minute and a day, of a key and of its project: the tighter limit holds, exactly."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DatabaseError, OperationalError, connections

from keys.limits import choose_database, delete_old_windows
from keys.models import KeySecret
from keys.verification import last_used, rates
from keys.verification.rules import RequestFacts
from keys.verification.verdicts import verify_key
from tests.keys.helpers.api_client import call
from tests.keys.helpers.gateway_client import auth, queries_of, verify
from tests.keys.request_limits.setup import ask, ask_often, limit
from tests.support.clock import set_clock
from tests.usage.budgets.setup import new_budget
from tests.world import World, issued

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 25, 12, 0, 10, tzinfo=dt.UTC)


@pytest.fixture
def at_noon(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    set_clock(monkeypatch, NOON)


def move_clock(monkeypatch: pytest.MonkeyPatch, **by: float) -> None:
    set_clock(monkeypatch, NOON + dt.timedelta(**by))


def test_a_key_without_limits_takes_one_query_and_one_with_them_a_second(
    world: World, credential: str
) -> None:
    assert queries_of(lambda: verify(credential, world.key_secret)) == 1
    assert "limits" not in verify(credential, world.key_secret).json()
    limit(world.key, requests_per_minute=10)
    limit(world.research, requests_per_day=10, ip_ranges=["0.0.0.0/0"])
    # `queries_of` leaves out those that count.
    said = {"client_ip": "192.0.2.1"}
    assert queries_of(lambda: verify(credential, world.key_secret, said=said)) <= 3


@pytest.mark.usefixtures("at_noon")
def test_the_answer_says_the_limits_and_what_is_left(world: World, credential: str) -> None:
    limit(world.key, requests_per_minute=2, requests_per_day=1_000)
    answer = verify(credential, world.key_secret).json()
    assert answer["valid"] is True
    figures = {
        "limits": {"requests_per_minute": 2, "requests_per_day": 1_000},
        "remaining": {"requests_per_minute": 1, "requests_per_day": 999},
        "reset": {
            "requests_per_minute": "2026-11-25T12:01:00Z",
            "requests_per_day": "2026-11-26T00:00:00Z",
        },
    }
    assert {name: answer[name] for name in figures} == figures
    verify(credential, world.key_secret)
    refused = verify(credential, world.key_secret).json()
    assert refused == {
        "valid": False,
        "code": "rate_limited",
        "limits": figures["limits"],
        "remaining": {"requests_per_minute": 0, "requests_per_day": 998},
        "reset": figures["reset"],
        "resets_at": "2026-11-25T12:01:00Z",
    }


@pytest.mark.usefixtures("at_noon")
def test_forward_authentication_answers_429_with_when_to_try_again(world: World) -> None:
    limit(world.key, requests_per_minute=1)
    assert auth(world.key_secret).status_code == 200
    refused = auth(world.key_secret)
    assert (refused.status_code, refused["Retry-After"]) == (429, "50")
    assert (refused["X-Reason"], refused["Cache-Control"]) == ("rate_limited", "no-store")
    error = refused.json()["error"]
    assert (error["type"], error["code"]) == ("rate_limit_error", "rate_limited")
    assert "2026-11-25T12:01:00Z" in error["message"]
    limit(world.research, requests_per_day=1)
    assert auth(world.key_secret)["Retry-After"] == "50"


@pytest.mark.usefixtures("at_noon")
def test_the_tighter_of_two_limits_holds(world: World, credential: str) -> None:
    other = issued(world.research, world.owner, "another").secret
    limit(world.key, requests_per_minute=2)
    limit(world.research, requests_per_minute=3)
    assert ask_often(credential, world, 3) == ["valid", "valid", "rate_limited"]
    # What the key's limit refused counts neither for the key nor for the project.
    assert verify(credential, other).json()["remaining"] == {"requests_per_minute": 0}
    assert verify(credential, other).json()["code"] == "rate_limited"


@pytest.mark.usefixtures("at_noon")
def test_what_the_project_refuses_does_not_count_for_the_key(
    world: World, credential: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(world.key, requests_per_day=2)
    limit(world.research, requests_per_minute=1)
    assert ask_often(credential, world, 5) == ["valid", *["rate_limited"] * 4]
    move_clock(monkeypatch, minutes=1)
    assert verify(credential, world.key_secret).json()["remaining"]["requests_per_day"] == 0
    move_clock(monkeypatch, minutes=2)
    refused = verify(credential, world.key_secret).json()
    assert refused["resets_at"] == "2026-11-26T00:00:00Z"


@pytest.mark.usefixtures("at_noon")
def test_what_anything_else_refuses_counts_nothing(world: World, credential: str) -> None:
    limit(world.key, requests_per_minute=1, ip_ranges=["192.0.2.0/24"])
    assert ask(credential, world) == "address_required"
    assert ask(credential, world, client_ip="198.51.100.1") == "address"
    budget = new_budget(world, 0)
    assert ask(credential, world, client_ip="192.0.2.1") == "budget_exceeded"
    budget.end()
    connections["default"].cursor().execute("DELETE FROM keys_spendblock")
    assert ask(credential, world, client_ip="192.0.2.1") == "valid"
    assert ask(credential, world, client_ip="192.0.2.1") == "rate_limited"


@pytest.mark.usefixtures("at_noon")
def test_a_refused_request_is_no_use_of_the_key(world: World, credential: str) -> None:
    limit(world.key, requests_per_minute=1)
    ask(credential, world)
    last_used.flush_uses()
    KeySecret.objects.filter(api_key=world.key).update(last_used_at=None)
    ask_often(credential, world, 3)
    last_used.flush_uses()
    assert KeySecret.objects.get(api_key=world.key).last_used_at is None


@pytest.mark.usefixtures("at_noon")
def test_a_minute_ends_at_its_border(
    world: World, credential: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(world.key, requests_per_minute=1)
    assert ask_often(credential, world, 2) == ["valid", "rate_limited"]
    move_clock(monkeypatch, seconds=49.999)
    assert ask(credential, world) == "rate_limited"
    move_clock(monkeypatch, seconds=50)
    assert ask_often(credential, world, 2) == ["valid", "rate_limited"]


@pytest.mark.usefixtures("at_noon")
def test_a_node_whose_clock_is_behind_begins_no_new_minute(
    world: World, credential: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(world.key, requests_per_minute=1)
    ask(credential, world)
    move_clock(monkeypatch, seconds=-30)
    assert ask(credential, world) == "rate_limited"
    move_clock(monkeypatch)
    assert ask(credential, world) == "rate_limited"


@pytest.mark.usefixtures("at_noon")
def test_a_clock_that_is_set_back_refuses_for_two_minutes_at_most(
    world: World, credential: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(world.key, requests_per_minute=1, requests_per_day=3)
    ask(credential, world)
    move_clock(monkeypatch, hours=-2)
    answer = verify(credential, world.key_secret).json()
    assert answer["reset"]["requests_per_minute"] == "2026-11-25T10:01:00Z"
    # The day is still the same one.
    assert answer["remaining"] == {"requests_per_minute": 0, "requests_per_day": 1}
    move_clock(monkeypatch, days=-2)
    assert verify(credential, world.key_secret).json()["remaining"]["requests_per_day"] == 2


@pytest.mark.usefixtures("at_noon")
def test_the_count_of_a_day_is_kept_until_it_is_over(
    world: World, credential: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    limit(world.key, requests_per_day=1, requests_per_minute=5)
    ask(credential, world)
    move_clock(monkeypatch, hours=11)
    assert delete_old_windows() == 1
    assert ask(credential, world) == "rate_limited"
    move_clock(monkeypatch, days=4)
    assert delete_old_windows() == 1


@pytest.mark.usefixtures("at_noon")
def test_changed_limits_hold_for_the_next_request(world: World, credential: str) -> None:
    limit(world.key, requests_per_day=1)
    assert ask_often(credential, world, 2) == ["valid", "rate_limited"]
    limit(world.key, requests_per_day=2)
    assert ask_often(credential, world, 2) == ["valid", "rate_limited"]
    world.key.request_limits.delete()
    assert ask_often(credential, world, 2) == ["valid", "valid"]
    # A limit that is deleted and set again does not count from zero.
    limit(world.key, requests_per_day=2)
    assert ask(credential, world) == "rate_limited"


def test_without_the_cache_requests_are_let_through(
    world: World, credential: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OperationalError("away")

    limit(world.key, requests_per_minute=1, ip_ranges=["192.0.2.0/24"])
    monkeypatch.setattr(rates, "count_windows", fail)
    for _ in range(3):
        assert ask(credential, world, client_ip="192.0.2.1") == "valid"
    # Addresses and models do not depend on it.
    assert ask(credential, world, client_ip="198.51.100.1") == "address"


@pytest.mark.usefixtures("at_noon")
def test_a_lost_cache_counts_from_zero(world: World, credential: str) -> None:
    limit(world.key, requests_per_day=1)
    ask(credential, world)
    connections[choose_database()].cursor().execute("DELETE FROM rate_windows")
    assert ask_often(credential, world, 2) == ["valid", "rate_limited"]


def test_requests_to_the_console_itself_are_not_limited(world: World, credential: str) -> None:
    limit(world.key, requests_per_minute=1, model_rule="allow", model_names=["a"])
    assert verify_key(world.key_secret).is_valid
    assert verify_key(world.key_secret, RequestFacts("a")).is_valid
    assert verify_key(world.key_secret).is_valid


def test_a_key_with_a_spent_budget_still_says_whose_it_is(world: World) -> None:
    new_budget(world, 0)
    answer = call("/v3/whoami", world.key_secret)
    assert (answer.status_code, answer.json()["api_key"]["id"]) == (200, world.key.public_id)


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("at_noon")
def test_of_64_requests_at_once_exactly_the_10_of_the_limit_pass(world: World) -> None:
    limit(world.key, requests_per_minute=10, requests_per_day=50)
    limit(world.research, requests_per_minute=12, requests_per_day=60)

    def ask_once(_: int) -> str:
        try:
            return str(verify_key(world.key_secret, RequestFacts()).code)
        except DatabaseError as error:
            return type(error).__name__
        finally:
            for connection in connections.all():
                connection.close()

    with ThreadPoolExecutor(16) as pool:
        codes = list(pool.map(ask_once, range(64)))
    assert sorted(codes) == ["rate_limited"] * 54 + ["valid"] * 10
    # Nothing was counted of what was refused.
    with connections[choose_database()].cursor() as cursor:
        cursor.execute("SELECT used FROM rate_windows WHERE subject NOT LIKE 'address%%'")
        assert {used for (used,) in cursor.fetchall()} == {10}
