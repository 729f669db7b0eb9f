"""Health: /healthz says the process runs, /readyz that it can serve."""

import pytest
from django.db import connection
from django.test import Client

from console import triggers

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
