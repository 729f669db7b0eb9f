"""Each credential, and each address without a good one, is answered so many times a minute."""

import datetime as dt
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django import Settings

from accounts.web.client_ip import get_client_network
from keys import limits
from keys.limits import delete_old_windows
from keys.models import AccessToken
from keys.models.token import MOST_AT_ONCE
from tests.keys.helpers.api_client import call, error_of
from tests.keys.helpers.gateway_client import auth, verify
from tests.keys.helpers.leak_reporter import Scanner, found, write_keys
from tests.keys.helpers.personal_tokens import made
from tests.keys.helpers.terminal_client import REVOKE, TOKEN, grant, logged_in
from tests.keys.helpers.terminal_client import post as post_form
from tests.support.clock import set_clock
from tests.usage.helpers.event_client import event, post
from tests.world import World, issued

pytestmark = pytest.mark.django_db
WHOAMI = "/v3/whoami"
NOON = dt.datetime(2026, 11, 25, 12, 0, 10, tzinfo=dt.UTC)


@pytest.fixture(autouse=True)
def at_noon(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    set_clock(monkeypatch, NOON)
    settings.RATE_LIMIT_READ = settings.RATE_LIMIT_USAGE = settings.RATE_LIMIT_REFUSED = 3


def statuses(ask: Callable[[], Any], number: int) -> list[int]:
    return [ask().status_code for _ in range(number)]


def table_of_limits() -> list[tuple[Any, ...]]:
    with connections[limits.choose_database()].cursor() as cursor:
        cursor.execute("SELECT subject, used FROM rate_windows ORDER BY subject")
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found


def test_every_answer_says_the_limit_and_what_is_left_of_it(world: World) -> None:
    answer = call(WHOAMI, world.key_secret)
    assert answer["RateLimit-Policy"] == '"reads";q=3;w=60'
    assert answer["RateLimit"] == '"reads";r=2;t=50'
    refused = call("/v1/projects?limit=x", world.key_secret)
    assert (refused.status_code, refused["RateLimit"]) == (422, '"reads";r=1;t=50')


def test_over_the_limit_it_says_when_to_come_again(world: World) -> None:
    assert statuses(lambda: call(WHOAMI, world.key_secret), 4) == [200, 200, 200, 429]
    answer = call("/v1/projects", world.key_secret)
    assert (answer["Retry-After"], answer["RateLimit"]) == ("50", '"reads";r=0;t=50')
    error = error_of(answer)
    assert (error["type"], error["code"]) == ("rate_limit_error", "rate_limited")
    assert answer["Cache-Control"] == "no-store"


def test_the_next_minute_begins_anew(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    statuses(lambda: call(WHOAMI, world.key_secret), 4)
    set_clock(monkeypatch, NOON + dt.timedelta(seconds=49))
    assert call(WHOAMI, world.key_secret).status_code == 429
    set_clock(monkeypatch, NOON + dt.timedelta(seconds=50))
    assert call(WHOAMI, world.key_secret)["RateLimit"] == '"reads";r=2;t=60'


def test_a_node_whose_clock_is_behind_begins_no_new_minute(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    statuses(lambda: call(WHOAMI, world.key_secret), 3)
    set_clock(monkeypatch, NOON - dt.timedelta(seconds=20))
    assert call(WHOAMI, world.key_secret).status_code == 429
    set_clock(monkeypatch, NOON)
    assert call(WHOAMI, world.key_secret).status_code == 429


def test_each_key_has_a_limit_of_its_own(world: World) -> None:
    other = issued(world.research, world.project_member, "another").secret
    statuses(lambda: call(WHOAMI, world.key_secret), 4)
    assert call(WHOAMI, other).status_code == 200
    assert call(WHOAMI, world.other_key_secret).status_code == 200


def test_a_terminal_cannot_ask_more_often_with_more_tokens(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(monkeypatch, dt.datetime.now(dt.UTC))  # as the sign-in of who approves it wants
    terminal = logged_in(world.project_member)
    token = terminal.project_token(world.research)
    assert statuses(lambda: call(WHOAMI, terminal.access), 3) == [200, 200, 200]
    assert call(WHOAMI, token).status_code == 429
    assert call(WHOAMI, logged_in(world.project_member).access).status_code == 200


def test_a_person_cannot_ask_more_often_with_more_tokens(world: World, settings: Settings) -> None:
    settings.RATE_LIMIT_PERSON = 5
    secrets = [made(world.member, world.organization, name).secret for name in "abc"]
    assert statuses(lambda: call(WHOAMI, secrets[0]), 5) == [200, 200, 200, 429, 429]
    # What was refused above the token's own limit did not count for the others.
    assert statuses(lambda: call(WHOAMI, secrets[1]), 3) == [200, 200, 429]
    over = call(WHOAMI, secrets[2])
    assert (over.status_code, over["Retry-After"]) == (429, "50")
    assert over["RateLimit-Policy"] == '"person";q=5;w=60'
    assert "tokens and terminals" in error_of(over)["message"]
    assert call(WHOAMI, made(world.admin, world.organization).secret).status_code == 200


def test_an_organization_cannot_ask_more_often_with_more_keys(
    world: World, settings: Settings
) -> None:
    settings.RATE_LIMIT_ORGANIZATION = 4
    other = issued(world.research, world.project_member, "another").secret
    assert statuses(lambda: call(WHOAMI, world.key_secret), 3) == [200] * 3
    assert statuses(lambda: call(WHOAMI, other), 2) == [200, 429]
    assert call(WHOAMI, world.other_key_secret).status_code == 200
    settings.RATE_LIMIT_ORGANIZATION = 0
    assert call(WHOAMI, other).status_code == 200


def test_asking_for_tokens_is_limited_for_the_address(world: World, settings: Settings) -> None:
    settings.RATE_LIMIT_TOKENS = 3
    form = {"refresh_token": "rt_x", "access_token": "at_x"}
    assert statuses(lambda: grant("refresh_token", **form), 3) == [400, 400, 400]
    for path in (TOKEN, REVOKE):
        over = post_form(path, grant_type="refresh_token", token="at_x")
        assert (over.status_code, over["Retry-After"]) == (429, "50")
        assert over.json()["error"] == "temporarily_unavailable"


def test_unsigned_leak_reports_are_limited_for_the_address(
    settings: Settings, tmp_path: Path
) -> None:
    settings.LEAK_REPORT_KEYS = str(tmp_path / "keys.json")
    write_keys(tmp_path / "keys.json", Scanner())
    report = partial(Scanner("stranger").report, found("pk_x"))
    assert statuses(report, 4) == [401, 401, 401, 429]


def test_a_terminal_has_few_live_tokens_of_a_project_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    settings.RATE_LIMIT_READ = settings.RATE_LIMIT_REFUSED = 0
    set_clock(monkeypatch, dt.datetime.now(dt.UTC))
    terminal = logged_in(world.project_member)
    tokens = [terminal.project_token(world.research) for _ in range(MOST_AT_ONCE + 2)]
    assert statuses(lambda: call(WHOAMI, tokens.pop(0)), 3) == [401, 401, 200]
    assert AccessToken.objects.of_projects().unended().count() == MOST_AT_ONCE


def test_posting_usage_has_its_limit(world: World, credential: str) -> None:
    answer = post(credential, {"events": [event(world)]})
    assert answer["RateLimit-Policy"] == '"usage";q=3;w=60'
    assert post(credential, b"no json").status_code == 400
    assert post(credential, {"corrections": []}, "/v1/usage/corrections").status_code == 422
    over = post(credential, {"events": [event(world, id="req-2:output")]})
    assert (over.status_code, error_of(over)["type"]) == (429, "rate_limit_error")
    assert post(credential, {"events": []}, "/v1/usage/corrections").status_code == 429


@pytest.mark.parametrize("token", ["", "pk_mistyped", "pk_unknown"])
def test_guessing_is_limited_for_the_address_and_keeps_no_good_key_out(
    world: World, token: str
) -> None:
    assert statuses(lambda: call(WHOAMI, token), 4) == [401, 401, 401, 429]
    assert post("sc_unknown", {"events": []}).status_code == 429
    assert call(WHOAMI, world.key_secret).status_code == 200
    elsewhere = Client(REMOTE_ADDR="198.51.100.7").get(WHOAMI)
    assert elsewhere.status_code == 401
    assert elsewhere["RateLimit"] == '"refused";r=2;t=50'


def test_what_gateways_ask_has_no_limit(world: World, credential: str) -> None:
    assert statuses(lambda: auth(world.key_secret), 5) == [200] * 5
    assert statuses(lambda: verify(credential, world.key_secret), 5) == [200] * 5
    assert statuses(lambda: auth("pk_unknown"), 5) == [401] * 5
    assert "RateLimit" not in auth(world.key_secret).headers
    assert table_of_limits() == []


def test_0_is_no_limit_and_counts_nothing(world: World, settings: Settings) -> None:
    settings.RATE_LIMIT_READ = settings.RATE_LIMIT_ORGANIZATION = 0
    assert statuses(lambda: call(WHOAMI, world.key_secret), 5) == [200] * 5
    assert "RateLimit" not in call(WHOAMI, world.key_secret).headers
    assert table_of_limits() == []


def test_0_for_each_credential_leaves_what_they_share(world: World, settings: Settings) -> None:
    settings.RATE_LIMIT_READ = 0
    settings.RATE_LIMIT_PERSON = settings.RATE_LIMIT_ORGANIZATION = 2
    assert statuses(lambda: call(WHOAMI, world.key_secret), 3) == [200, 200, 429]
    secrets = [made(world.member, world.organization, name).secret for name in "abc"]
    assert [call(WHOAMI, secret).status_code for secret in secrets] == [200, 200, 429]
    assert call(WHOAMI, secrets[0])["RateLimit-Policy"] == '"person";q=2;w=60'


def test_counting_is_one_statement(world: World) -> None:
    call(WHOAMI, world.key_secret)
    with CaptureQueriesContext(connections[limits.choose_database()]) as captured:
        call(WHOAMI, world.key_secret)
    counting = [query["sql"] for query in captured if "rate_windows" in query["sql"]]
    assert len(counting) == 1
    assert len(captured) == (1 if limits.choose_database() == "cache" else 3)


def test_rows_no_one_counted_on_for_an_hour_are_deleted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    call(WHOAMI, world.key_secret)
    set_clock(monkeypatch, NOON + dt.timedelta(minutes=50))
    call(WHOAMI, world.other_key_secret)
    set_clock(monkeypatch, NOON + dt.timedelta(minutes=65))
    assert delete_old_windows() == 2
    assert table_of_limits() == [
        (f"key:{world.other_key.pk}", 1),
        (f"organization:{world.other_organization.pk}", 1),
    ]


@pytest.mark.parametrize(
    ("ip", "found"),
    [
        ("203.0.113.9", "203.0.113.9"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("no address", "no address"),
    ],
)
def test_an_address_is_what_one_customer_has(ip: str, found: str) -> None:
    assert get_client_network(ip) == found
