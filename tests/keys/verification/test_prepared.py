"""How the database is asked about keys: it plans each question once, and may forget that it did."""

import pytest
from django.db import connection

from tests.keys.helpers.gateway_client import auth, code_of, queries_of
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
