"""Lists read by their cursors while rows are added and removed: no row is missing, none comes twice."""

from collections.abc import Callable
from itertools import count
from typing import Any, NamedTuple

import pytest
from pytest_django import Settings

from accounts.actors import Actor
from accounts.models import User
from accounts.support.services.requests import withdraw_request
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.api_client import call, send
from tests.keys.helpers.personal_tokens import made
from tests.keys.helpers.service_accounts import create_account
from tests.world import World, build_world, join, set_limits

pytestmark = pytest.mark.django_db
BELOW = "/v1/organization"
numbers = count(1)


class ChangingList(NamedTuple):
    """`create` adds a row; a row is removed with DELETE, or with POST and the path in `ending`."""

    path: str
    create: Callable[[], Any]
    ending: str = ""


def post(path: str, secret: str, **body: Any) -> Callable[[], Any]:
    """Returns what creates a row, with a number in the place of `#`."""

    def create() -> Any:
        number = str(next(numbers))
        filled = {
            name: value.replace("#", number) if isinstance(value, str) else value
            for name, value in body.items()
        }
        answer = send(path, secret, filled)
        assert answer.status_code in (200, 202), answer.content
        return answer

    return create


def list_lists(world: World, secret: str) -> dict[str, ChangingList]:
    return {**list_in_organization(world, secret), **list_in_project(world, secret)}


def list_in_organization(world: World, secret: str) -> dict[str, ChangingList]:
    def request_again() -> Any:
        for request in world.organization.support_requests.filter(state="pending"):
            withdraw_request(actor=Actor.of_user(world.owner), request=request)
        return send(f"{BELOW}/support_requests", secret, {"kind": "projects", "reason": "More."})

    def create_token() -> Any:
        return made(world.member, world.organization, f"token {next(numbers)}")

    create_key = post(f"{BELOW}/admin_api_keys", secret, name="Key #")
    create_invite = post(f"{BELOW}/invites", secret, email="p#@elsewhere.example", role="reader")
    create_project = post(f"{BELOW}/projects", secret, name="Team #")
    return {
        "invites": ChangingList(f"{BELOW}/invites", create_invite),
        "users": ChangingList(f"{BELOW}/users", lambda: join_organization(world)),
        "projects": ChangingList(f"{BELOW}/projects", create_project, "/archive"),
        "admin keys": ChangingList(f"{BELOW}/admin_api_keys", create_key),
        "access tokens": ChangingList(f"{BELOW}/access_tokens", create_token),
        "support requests": ChangingList(f"{BELOW}/support_requests", request_again, "/withdraw"),
        "audit log": ChangingList(f"{BELOW}/audit_logs", create_key),
    }


def join_organization(world: World) -> User:
    return join(world.organization, f"person{next(numbers)}@northwind.example")


def list_in_project(world: World, secret: str) -> dict[str, ChangingList]:
    project = f"{BELOW}/projects/{world.research.public_id}"
    account = create_account(world.owner, world.research, "Build")

    def of(path: str, **body: Any) -> ChangingList:
        return ChangingList(path, post(path, secret, **body))

    def join_project() -> Any:
        user = join_organization(world)
        return send(f"{project}/users", secret, {"user_id": user.public_id, "role": "member"})

    invite = post(f"{project}/users", secret, email="x#@elsewhere.example", role="member")
    return {
        "project users": ChangingList(f"{project}/users", join_project),
        "project invites": ChangingList(f"{project}/invites", invite),
        "API keys": of(f"{project}/api_keys", name="Key #"),
        "service accounts": of(f"{project}/service_accounts", name="Account #"),
        "account tokens": of(f"{project}/service_accounts/{account.public_id}/tokens", name="T #"),
    }


LISTS = (
    *("invites", "users", "projects", "admin keys", "access tokens", "support requests"),
    *("audit log", "project users", "project invites", "API keys", "service accounts"),
    "account tokens",
)


def read_ids(path: str, secret: str) -> list[str]:
    return [row["id"] for row in call(f"{path}?limit=100", secret).json()["data"]]


def remove(rows: ChangingList, row: str, secret: str) -> None:
    """Rows that cannot be removed stay: the Owner, events, what has ended already."""
    if rows.ending:
        send(f"{rows.path}/{row}{rows.ending}", secret)
    elif not rows.path.endswith("audit_logs"):
        send(f"{rows.path}/{row}", secret, None, "DELETE")


def read_while_it_changes(rows: ChangingList, secret: str, order: str) -> list[str]:
    """The ids on all pages; between two pages the last row of a page goes and another one comes."""
    seen: list[str] = []
    after = ""
    for number in range(40):
        page = call(f"{rows.path}?limit=2&order={order}{after}", secret).json()
        seen += [row["id"] for row in page["data"]]
        if not page["has_more"]:
            return seen
        after = f"&after={page['last_id']}"
        if number < 3:
            remove(rows, seen[-1], secret)
            rows.create()
    raise AssertionError("the list has no end")


@pytest.mark.parametrize("name", LISTS)
def test_no_row_is_missing_and_none_comes_twice(settings: Settings, name: str) -> None:
    settings.RATE_LIMIT_READ = settings.RATE_LIMIT_PERSON = 0
    settings.INVITATIONS_PER_PERSON = 1000
    world = build_world()
    set_limits(world.organization, world.staff, limit=50)
    secret = issue_admin_key(world.owner, world.organization).secret
    rows = list_lists(world, secret)[name]
    for _ in range(5):
        rows.create()
    for order in ("asc", "desc"):
        before = set(read_ids(rows.path, secret))
        seen = read_while_it_changes(rows, secret, order)
        throughout = before & set(read_ids(rows.path, secret))
        assert len(seen) == len(set(seen)), order
        assert throughout <= set(seen), order
        assert len(throughout) >= 2
