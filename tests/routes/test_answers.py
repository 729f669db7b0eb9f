"""What the walk over the routes relies on: a request that changes a row is found out, and undone."""

import pytest
from django.db import connection, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from pytest_django import Settings

from accounts.models import User
from tests.routes.answers import Caller
from tests.world import person

pytestmark = pytest.mark.django_db
RENAME = "UPDATE accounts_user SET name = 'Renamed'"


def by_the_orm(request: HttpRequest) -> HttpResponse:
    User.objects.update(name="Renamed")
    return HttpResponse(status=404)


def by_sql_in_lower_case(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute("  " + RENAME.replace("UPDATE", "update"))
    return HttpResponse(status=403)


def in_a_query(request: HttpRequest) -> HttpResponse:
    with connection.cursor() as cursor:
        cursor.execute(f"WITH people AS (SELECT 1) {RENAME}")
    return HttpResponse(status=200)


def undone_by_itself(request: HttpRequest) -> HttpResponse:
    with transaction.atomic():
        User.objects.update(name="Renamed")
        transaction.set_rollback(True)
    return HttpResponse(status=409)


CHANGING = (by_the_orm, by_sql_in_lower_case, in_a_query)
urlpatterns = [
    *(path(f"{view.__name__}/", view) for view in (*CHANGING, undone_by_itself)),
    path("", include("console.urls")),
]


@pytest.fixture
def caller(settings: Settings) -> Caller:
    settings.ROOT_URLCONF = __name__
    return Caller(person("ada@elsewhere.example"))


@pytest.mark.parametrize("view", CHANGING)
def test_a_changed_row_is_named_and_put_back(caller: Caller, view: object) -> None:
    answer = caller.send("GET", f"/{view.__name__}/")
    assert answer.changed == ["accounts.User"]
    assert not User.objects.filter(name="Renamed").exists()


def test_a_write_that_was_undone_is_no_change(caller: Caller) -> None:
    answer = caller.send("GET", "/undone_by_itself/")
    assert (answer.status, answer.changed) == (409, [])
