"""How the database is asked about keys: it plans each question once, and may forget that it did."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.db import connection
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from tests.keys.helpers.gateway_client import auth, code_of, queries_of
from tests.support.postgres import query_server
from tests.world import World


@pytest.mark.postgresql
@pytest.mark.django_db
def test_each_question_is_prepared_once_and_then_used_again(world: World, credential: str) -> None:
    for _ in range(10):
        assert auth(world.key_secret).status_code == 200
        assert code_of(credential, world.key_secret) == "valid"
    with connection.cursor() as cursor:
        # It looks at the first five runs before it trusts a plan.
        cursor.execute("SELECT count(*) FROM pg_prepared_statements WHERE generic_plans >= 5")
        assert cursor.fetchone()[0] >= 2


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_server_that_forgot_what_it_had_prepared_costs_no_answer(world: World) -> None:
    assert auth(world.key_secret).status_code == 200
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")  # as some connection poolers do
    assert auth(world.key_secret).status_code == 200
    assert queries_of(lambda: auth(world.key_secret)) == 1


def lose(connection: BaseDatabaseWrapper) -> None:
    """The server ends this connection, which the console notices when it next uses it."""
    query_server(f"SELECT pg_terminate_backend({connection.connection.info.backend_pid}, 5000)")


@pytest.fixture
def lost_when_made() -> Iterator[None]:
    """Every connection to the database is lost as soon as it is made."""

    def lose_new(connection: BaseDatabaseWrapper, **_: Any) -> None:
        if connection.vendor == "postgresql":
            lose(connection)

    connection_created.connect(lose_new)
    yield
    connection_created.disconnect(lose_new)
    connection.close()


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_lost_connection_costs_no_answer(world: World) -> None:
    assert auth(world.key_secret).status_code == 200
    lose(connection)
    assert auth(world.key_secret).status_code == 200


@pytest.mark.postgresql
@pytest.mark.django_db(transaction=True)
def test_a_request_that_loses_its_second_connection_too_may_be_sent_again(
    world: World, lost_when_made: None
) -> None:
    lose(connection)
    answer = auth(world.key_secret)
    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert answer.json()["error"]["type"] == "service_unavailable"
