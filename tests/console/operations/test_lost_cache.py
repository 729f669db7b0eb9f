"""A lost or frozen cache is 503, never 500. tests/faults has the same for a lost database."""

import socket
import time

import pytest
from django.test import Client, override_settings

from console.service_urls import REDIS_OPTIONS
from tests.support.postgres import free_port

# Everything that asks the cache: the check of readiness and django-allauth's limits. The console's own
# limits (keys/limits.py) count in the database.
REQUESTS = {
    "/readyz": None,
    "/accounts/login/": {"login": "owner@northwind.example", "password": "not the password"},
    "/accounts/password/reset/": {"email": "owner@northwind.example"},
    "/accounts/signup/": {"email": "new@northwind.example", "password1": "a long unusual sentence"},
}
UNAVAILABLE = dict.fromkeys(REQUESTS, (503, True))


def answers_with_redis_at(port: int) -> tuple[dict[str, tuple[int, bool]], float]:
    """Each request's status and whether it has a Retry-After, and the seconds of the slowest."""
    redis = {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": f"redis://127.0.0.1:{port}/0",
        "OPTIONS": REDIS_OPTIONS,
    }
    client = Client(raise_request_exception=False)
    answers, slowest = {}, 0.0
    with override_settings(CACHES={"default": redis}):
        for path, form in REQUESTS.items():
            started = time.monotonic()
            response = client.get(path) if form is None else client.post(path, form)
            slowest = max(slowest, time.monotonic() - started)
            answers[path] = (response.status_code, "Retry-After" in response)
    return answers, slowest


@pytest.mark.django_db
def test_a_lost_cache_is_503_where_a_limit_has_to_hold() -> None:
    assert answers_with_redis_at(free_port())[0] == UNAVAILABLE


@pytest.mark.django_db
def test_a_frozen_cache_holds_a_request_for_a_second() -> None:
    with socket.create_server(("127.0.0.1", 0)) as frozen:  # accepts and never answers
        answers, slowest = answers_with_redis_at(frozen.getsockname()[1])
    assert answers == UNAVAILABLE
    assert slowest < 2.5
