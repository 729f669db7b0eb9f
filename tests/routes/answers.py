"""Sends one request as somebody, puts every row back, and says how two answers differ."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from django.apps import apps
from django.db import connection, transaction
from django.db.models import Model
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse

from accounts.models import User
from tests.support.pages import freshly_signed_in

# Of every answer its own.
OWN_HEADERS = {"X-Request-Id", "Date"}
COUNTED_APPS = (
    "accounts",
    "projects",
    "keys",
    "usage",
    "account",
    "mfa",
    "admin",
    "django_tasks_database",
    "auth",
)
# Kept with the sessions themselves.
SESSIONS = ("django_session", "accounts_usersession")
# How statements begin that change none of the rows compared.
HARMLESS = (
    *("SELECT ", "SAVEPOINT ", "RELEASE SAVEPOINT ", "ROLLBACK TO SAVEPOINT "),
    *(
        f'{words} "{table}"'
        for words in ("INSERT INTO", "UPDATE", "DELETE FROM")
        for table in SESSIONS
    ),
)


@dataclass(frozen=True)
class Answer:
    """What came back, and the names of the tables that changed."""

    status: int
    body: bytes
    headers: dict[str, str]
    cookies: str
    changed: list[str] = field(compare=False, default_factory=list)

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")


class Caller:
    """Somebody's browser, their password just entered; each request starts from the same cookies.

    What it does is undone afterwards.
    """

    def __init__(self, person: User | None) -> None:
        self.person = person
        client = freshly_signed_in(person) if person else Client()
        self.cookies = {name: morsel.value for name, morsel in client.cookies.items()}

    def send(self, method: str, path: str, data: dict[str, Any] | None = None) -> Answer:
        client = Client(raise_request_exception=False)
        client.cookies.load(self.cookies)
        with undone():
            with writes() as written:
                response = getattr(client, method.lower())(path, data)
            after = every_row() if written else {}
        # Undone: the rows are again as they were, and most requests need not look.
        before = every_row() if written else {}
        changed = [name for name in before if before[name] != after[name]]
        return answer_of(response, changed)


def answer_of(response: HttpResponse, changed: list[str]) -> Answer:
    headers = {name: value for name, value in response.items() if name not in OWN_HEADERS}
    return Answer(
        response.status_code, response.content, headers, response.cookies.output(), changed
    )


@contextmanager
def undone() -> Iterator[None]:
    """What happens inside leaves no row behind."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@contextmanager
def writes() -> Iterator[list[str]]:
    """The statements inside that may change a row; those that begin in an unknown way among them."""
    found: list[str] = []

    def note(execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
        if not sql.startswith(HARMLESS):
            found.append(sql)
        return execute(sql, *rest)

    with connection.execute_wrapper(note):
        yield found


def every_row() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of our tables and of those our acts write to; sessions and the cache aside."""
    return {
        model._meta.label: rows_of(model)
        for model in apps.get_models()
        if model._meta.app_label in COUNTED_APPS and model._meta.db_table not in SESSIONS
    }


def rows_of(model: type[Model]) -> list[tuple[Any, ...]]:
    quote = connection.ops.quote_name
    key = ", ".join(quote(field.column) for field in model._meta.pk_fields)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {quote(model._meta.db_table)} ORDER BY {key}")
        return list(cursor.fetchall())


def sign_in_address(path: str) -> str:
    return f"{reverse('account_login')}?next={path}"
