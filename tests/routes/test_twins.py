"""The API allows what the page allows and nothing else; a foreign id is answered like an unknown one."""

import re
from collections.abc import Iterator

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from pytest_django import Settings

from console.api.document import document
from tests.keys.helpers.personal_tokens import made
from tests.keys.request_limits.setup import limit
from tests.routes import table as pages
from tests.routes import twin_table as twins
from tests.routes.account_table import ACCOUNT_ROW, ACCOUNT_TOKEN_ROW
from tests.routes.budget_table import BUDGET_ROW, PROJECT_BUDGET_ROW
from tests.routes.credentials import BELOW, UNKNOWN, WRITE, Callers
from tests.routes.lines import PEOPLE, Line
from tests.routes.test_own import rotating
from tests.routes.twin_table import ACCOUNTS, PROGRAMS, STANDS_FOR, Acts, Twin
from tests.world import build_world

pytestmark = pytest.mark.django_db
# Whose credential is over, and who is nobody here; staff have no credential at all.
NOBODIES = {"former": 401, "expired": 401, "stranger": 404}
MOST_POWERFUL = ("external_admin", "admin key", "stranger")
# Projects in which service accounts of another one are not.
NOT_THEIRS = ("default project", "production")
ROTATING = "rotating key row"
SAME_PATHS = {ROTATING, "external row", "owner row", *NOT_THEIRS}
PLACES: dict[str, tuple[Acts, dict[str, Line]]] = {
    "organization": (twins.ORGANIZATION, pages.ORGANIZATION),
    "member row": (twins.MEMBER_ROW, pages.MEMBER_ROW),
    "owner row": (twins.OWNER_ROW, pages.OWNER_ROW),
    "member invitation": (twins.MEMBER_INVITATION, pages.MEMBER_INVITATION),
    "token row": (twins.TOKEN_ROW, pages.TOKEN_ROW),
    "request row": (twins.REQUEST_ROW, pages.REQUEST_ROW),
    "admin key row": (twins.ADMIN_KEY_ROW, pages.ADMIN_KEY_ROW),
    "project": (twins.PROJECT_ACTS, pages.PROJECT),
    "row": (twins.ROW, pages.ROW),
    "external row": (twins.ROW, pages.EXTERNAL_ROW),
    "invitation": (twins.INVITATION, pages.INVITATION),
    "key row": (twins.KEY_ROW, pages.KEY_ROW),
    "budget row": (twins.BUDGET_ROW, BUDGET_ROW),
    "project budget row": (twins.PROJECT_BUDGET_ROW, PROJECT_BUDGET_ROW),
    "account row": (twins.ACCOUNT_ROW, ACCOUNT_ROW),
    "account token row": (twins.ACCOUNT_TOKEN_ROW, ACCOUNT_TOKEN_ROW),
    "default project": (twins.DEFAULT_PROJECT, pages.DEFAULT_PROJECT),
    "production": (twins.PRODUCTION, pages.PRODUCTION),
    ROTATING: (twins.KEY_ROW, pages.ROTATING_KEY_ROW),
}


@pytest.fixture
def callers(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callers:
    callers = Callers(settings, monkeypatch)
    for project in (callers.world.research, callers.world.default, callers.world.production):
        limit(project, model_rule="deny", model_names=["old-model"])
    return callers


def expected_status(twin: Twin, line: Line, caller: str, place: str) -> int:
    """What the page says to the person for whom the caller stands."""
    page = line.expected("GET" if twin.method == "GET" else "POST", STANDS_FOR[caller])
    if caller in twin.always:
        return twin.always[caller]
    if caller in ACCOUNTS and not twin.path.startswith(twins.PROJECT):
        return 403  # they have one project
    if page == 404 or (caller in ACCOUNTS and place in NOT_THEIRS):
        return 404
    return twin.statuses.get(caller, 200 if page == 302 else page)


def wrong_answers(callers: Callers, place: str) -> Iterator[str]:
    acts, lines = PLACES[place]
    ids = callers.ids(place)
    for name, twin in ((name, twin) for name, all_of in acts.items() for twin in all_of):
        path = twin.path.format(**ids)
        for caller in (*PEOPLE, *PROGRAMS, *NOBODIES):
            if caller == "stranger" and "{" not in twin.path:
                continue  # it is about their own organization
            answer = callers.send(caller, twin.method, path, twin.body)
            expected = NOBODIES.get(caller) or expected_status(twin, lines[name], caller, place)
            act = f"{place}: {caller} {twin.method} {twin.path} for {name}"
            if answer.status_code != expected:
                yield f"{act}: {answer.status_code}, not {expected}"
            if answer.changed is not (twin.method != "GET" and expected in (200, 202)):
                yield f"{act}: {expected}, and changed is {answer.changed}"


def test_the_api_allows_what_the_page_allows(callers: Callers, long_run: bool) -> None:
    """The same acts on other rows only with `--long`."""
    places = [place for place in PLACES if long_run or place not in SAME_PATHS]
    wrong: list[str] = []
    for place in places:
        if place == ROTATING:
            rotating(callers.world)
        wrong += wrong_answers(callers, place)
    assert wrong == []


def differences(callers: Callers, place: str, holders: tuple[str, ...]) -> Iterator[str]:
    """What another tenant's id is answered that an unknown one is not, one id of a path at a time."""
    own = callers.ids(place)
    for twin in (twin for all_of in PLACES[place][0].values() for twin in all_of):
        for name in re.findall(r"{(\w+)}", twin.path):
            for caller in holders:
                theirs = own if caller == "stranger" else callers.foreign
                paths = [twin.path.format(**{**own, name: ids[name]}) for ids in (theirs, UNKNOWN)]
                answers = [callers.send(caller, twin.method, path, twin.body) for path in paths]
                foreign, unknown = ((one.status_code, one.content) for one in answers)
                fine = foreign == unknown and foreign[0] in (404, 403)
                if not fine or any(one.changed for one in answers):
                    yield f"{caller} {twin.method} {twin.path} {name}: {foreign}, {unknown}"


def test_a_foreign_id_is_answered_like_an_unknown_one(callers: Callers, long_run: bool) -> None:
    """The same paths of other rows only with `--long`."""
    holders = (*PEOPLE, *PROGRAMS, "stranger") if long_run else MOST_POWERFUL
    places = PLACES if long_run else PLACES.keys() - SAME_PATHS
    wrong = [problem for place in places for problem in differences(callers, place, holders)]
    assert wrong == []


def test_support_staff_have_no_credential_of_a_tenant() -> None:
    world = build_world()
    for place in (world.organization, world.research):
        with pytest.raises((PermissionDenied, Http404)):
            made(world.staff, place, scope=WRITE)


def test_each_act_of_the_api_is_one_of_a_page() -> None:
    acts = [twin for acts, _ in PLACES.values() for all_of in acts.values() for twin in all_of]
    paired = {f"{twin.method} {BELOW}{re.sub('{.*?}', '{}', twin.path)}" for twin in acts}
    there = {
        f"{method.upper()} {re.sub('{.*?}', '{}', path)}"
        for path, methods in document()["paths"].items()
        for method in methods
        if path.startswith(BELOW) and method != "get"
    }
    assert there <= paired


def test_each_page_of_a_tenant_has_a_twin_or_a_reason() -> None:
    paired = {name for acts, _ in PLACES.values() for name in acts}
    assert paired | set(twins.WITHOUT_TWIN) == pages.TENANT_ROUTES
    assert not paired & set(twins.WITHOUT_TWIN)
