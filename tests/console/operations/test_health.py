"""Health: /healthz says the process runs, /readyz that it can serve."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from console import triggers
from console.operations import heartbeats
from tests.support.clock import set_clock

pytestmark = pytest.mark.django_db


def test_a_running_process_is_healthy_without_a_query(
    client: Client, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        response = client.get("/healthz")
    assert (response.status_code, response.content) == (200, b"ok\n")
    assert response["Content-Type"] == "text/plain"


def test_a_whole_installation_is_ready(client: Client) -> None:
    response = client.get("/readyz")
    assert (response.status_code, response.content) == (200, b"ok\n")


def test_a_missing_trigger_is_named_and_stops_readiness(client: Client) -> None:
    triggers.drop(connection)
    response = client.get("/readyz")
    assert response.status_code == 503
    assert triggers.TRIGGERS[0].name in response.content.decode()
    triggers.install(connection)
    assert client.get("/readyz").status_code == 200


def test_health_needs_no_session_and_sets_no_cookie(client: Client) -> None:
    for path in ("/healthz", "/readyz"):
        assert not client.get(path).cookies


def test_a_missing_worker_is_mentioned_and_503_for_monitoring_only(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    heartbeats.expect_worker()
    heartbeats.Heartbeat(heartbeats.CHORES).beat()
    assert client.get("/readyz?worker").status_code == 200
    set_clock(monkeypatch, timezone.now() + dt.timedelta(minutes=6))
    heartbeats.Heartbeat(heartbeats.CHORES).beat()
    for path, status in (("/readyz", 200), ("/readyz?worker", 503)):
        response = client.get(path)
        assert response.status_code == status
        assert response.content == b"ok\nno worker has run tasks for 6 minutes\n"
    heartbeats.Heartbeat(heartbeats.TASKS).beat()
    assert client.get("/readyz?worker").content == b"ok\n"


def test_a_console_that_never_had_a_worker_expects_a_worker(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    heartbeats.expect_worker()
    set_clock(monkeypatch, timezone.now() + dt.timedelta(minutes=6))
    heartbeats.expect_worker()  # the next start
    assert b"no worker has run chores" in client.get("/readyz").content
