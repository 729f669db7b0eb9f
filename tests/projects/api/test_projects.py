"""Projects by the management API: created up to the limit, listed, read, changed, archived and back."""

from typing import Any

import pytest
from django.test import Client

from accounts.enums import Action
from accounts.models import AuditEvent
from projects.models import Project
from tests.keys.helpers.api_client import call, error_of, send
from tests.keys.helpers.personal_tokens import made
from tests.projects.api.callers import WRITE, admin_key, cast, foreign_admin_key
from tests.support.pages import queries
from tests.world import World, set_limits

pytestmark = pytest.mark.django_db
PROJECTS = "/v1/organization/projects"


@pytest.fixture
def key(world: World) -> str:
    return admin_key(world)


def path(project: Project, act: str = "") -> str:
    return f"{PROJECTS}/{project.public_id}{act}"


def names(answer: Any) -> list[str]:
    return [project["name"] for project in answer.json()["data"]]


def test_a_project_is_created_read_changed_archived_and_unarchived(world: World, key: str) -> None:
    created = send(PROJECTS, key, {"name": "ML research"}).json()
    project = Project.objects.get(public_id=created["id"])
    assert created == {
        "object": "organization.project",
        "id": project.public_id,
        "name": "ML research",
        "slug": "ml-research",
        "created_at": int(project.created_at.timestamp()),
        "archived_at": None,
        "status": "active",
        "is_default": False,
        "allow_external_collaborators": False,
        "tags": {},
    }
    assert (project.created_by, project.organization) == (None, world.organization)
    assert call(path(project), key).json() == created
    changes = {"name": "Research 2", "slug": "research-2", "allow_external_collaborators": True}
    assert send(path(project), key, changes).json() == {**created, **changes}
    assert send(path(project), key, {"name": None}).json() == {**created, **changes}
    archived = send(path(project, "/archive"), key).json()
    assert (archived["status"], archived["archived_at"] is None) == ("archived", False)
    assert send(path(project, "/archive"), key).status_code == 409
    frozen = send(path(project), key, {"name": "Other"})
    assert (frozen.status_code, "is archived" in error_of(frozen)["message"]) == (403, True)
    assert send(path(project, "/unarchive"), key).json()["status"] == "active"
    assert send(path(project, "/unarchive"), key).status_code == 409
    events = AuditEvent.objects.filter(target_id=project.public_id).order_by("pk")
    assert [event.act for event in events] == [
        Action.PROJECT_CREATED,
        Action.PROJECT_CHANGED,
        Action.PROJECT_SLUG_CHANGED,
        Action.PROJECT_ARCHIVED,
        Action.PROJECT_RESTORED,
    ]
    assert {(event.actor_kind, event.actor_name) for event in events} == {
        ("admin_key", "Terraform")
    }


def test_a_project_is_created_with_its_slug_and_for_externals(world: World, key: str) -> None:
    body = {"name": "Shared", "slug": "shared-work", "allow_external_collaborators": True}
    assert send(PROJECTS, key, {**body, "geography": None, "residency": None}).json().items() >= (
        body.items()
    )


def test_a_name_is_taken_once_and_again_after_its_project_is_archived(
    world: World, key: str
) -> None:
    body = {"name": "Research"}
    answer = send(PROJECTS, key, body)
    assert (answer.status_code, error_of(answer)["param"]) == (409, "name")
    assert answer["X-Should-Retry"] == "false"
    send(path(world.research, "/archive"), key)
    assert send(PROJECTS, key, body).json()["slug"] == "research-2"


def test_at_the_limit_it_says_how_many_there_are_and_where_to_ask(world: World, key: str) -> None:
    set_limits(world.organization, world.staff, limit=3)
    for answer in (send(PROJECTS, key, {"name": "Fourth"}),):
        assert (answer.status_code, error_of(answer)["code"]) == (403, "project_limit_reached")
        message = error_of(answer)["message"]
        assert message.startswith("Northwind has 3 of at most 3 projects. ")
        assert message.endswith("/settings/organization/northwind/projects/request/")
    send(path(world.production, "/archive"), key)
    assert send(PROJECTS, key, {"name": "Fourth"}).status_code == 200
    answer = send(path(world.production, "/unarchive"), key)
    assert (answer.status_code, error_of(answer)["code"]) == (403, "project_limit_reached")


@pytest.mark.parametrize(
    ("body", "param"),
    [
        ({}, "name"),
        ({"name": ""}, "name"),
        ({"name": "  "}, "name"),
        ({"name": None}, "name"),
        ({"name": 5}, "name"),
        ({"name": "x" * 101}, "name"),
        ({"name": "a\u0000b"}, "name"),
        ({"name": "CI", "slug": ""}, "slug"),
        ({"name": "CI", "slug": "Not A Slug"}, "slug"),
        ({"name": "CI", "slug": "x" * 71}, "slug"),
        ({"name": "CI", "slug": "admin"}, "slug"),
        ({"name": "CI", "slug": 5}, "slug"),
        ({"name": "CI", "allow_external_collaborators": "yes"}, "allow_external_collaborators"),
        ({"name": "CI", "geography": "US"}, "geography"),
        ({"name": "CI", "residency": "EU_STORAGE_PROCESSING"}, "residency"),
        ({"name": "CI", "external_key_id": "key_1"}, "external_key_id"),
        ({"name": "CI", "nmae": "x"}, "nmae"),
        ({"name": "CI", "is_default": True}, "is_default"),
    ],
)
def test_a_wrong_body_names_its_field_and_creates_nothing(
    key: str, body: dict[str, Any], param: str
) -> None:
    before = Project.objects.count()
    answer = send(PROJECTS, key, body)
    assert (answer.status_code, error_of(answer)["param"]) == (422, param)
    assert Project.objects.count() == before


@pytest.mark.parametrize(
    ("body", "status", "param"),
    [
        ({"name": ""}, 422, "name"),
        ({"slug": "Not A Slug"}, 422, "slug"),
        ({"slug": "production"}, 409, "slug"),
        ({"name": "Renamed", "slug": "production"}, 409, "slug"),
        ({"allow_external_collaborators": 1}, 422, "allow_external_collaborators"),
        ({"archived_at": None}, 422, "archived_at"),
        ({"geography": "US"}, 422, "geography"),
    ],
)
def test_a_refused_change_changes_nothing(
    world: World, key: str, body: dict[str, Any], status: int, param: str
) -> None:
    before = call(path(world.research), key).json()
    answer = send(path(world.research), key, body)
    assert (answer.status_code, error_of(answer)["param"]) == (status, param)
    assert call(path(world.research), key).json() == before


def test_the_default_project_takes_no_externals_and_is_not_archived(world: World, key: str) -> None:
    answer = send(path(world.default), key, {"allow_external_collaborators": True})
    assert (answer.status_code, error_of(answer)["param"]) == (409, "allow_external_collaborators")
    assert send(path(world.default, "/archive"), key).status_code == 409
    assert call(path(world.default), key).json()["is_default"] is True


def test_the_list_has_archived_projects_only_when_asked_for(world: World, key: str) -> None:
    send(path(world.production, "/archive"), key)
    listed = call(f"{PROJECTS}?order=asc", key)
    assert names(listed) == ["Default Project", "Research"]
    everything = call(f"{PROJECTS}?order=asc&include_archived=true", key)
    assert names(everything) == ["Default Project", "Research", "Production"]
    after = f"{PROJECTS}?order=asc&after={world.production.public_id}"
    assert call(after, key).status_code == 200
    foreign = call(f"{PROJECTS}?after={world.other_project.public_id}", key)
    assert (foreign.status_code, error_of(foreign)["param"]) == (422, "after")


def test_the_list_pages_over_projects_that_vanish_from_it(world: World, key: str) -> None:
    first = call(f"{PROJECTS}?order=asc&limit=2", key).json()
    assert first["has_more"] is True
    send(path(world.research, "/archive"), key)
    following = call(f"{PROJECTS}?order=asc&limit=2&after={first['last_id']}", key)
    assert names(following) == ["Production"]
    by_id = call(f"{PROJECTS}?order=asc&limit=2&after={first['data'][-1]['id']}", key)
    assert by_id.json() == following.json()


def test_a_list_costs_the_same_queries_whatever_its_length(world: World, key: str) -> None:
    with queries() as short:
        call(f"{PROJECTS}?limit=1", key)
    with queries() as long:
        call(f"{PROJECTS}?limit=100", key)
    assert len(short) == len(long)


# Who may: create, list, read research, change it, archive it.
WHO = {
    "admin key": (200, 200, 200, 200, 200),
    "foreign admin key": (200, 200, 404, 404, 404),
    "owner": (200, 200, 200, 200, 200),
    "owner, read": (403, 200, 200, 403, 403),
    "owner, project": (403, 403, 200, 200, 403),
    "admin": (200, 200, 200, 200, 200),
    "member": (403, 200, 404, 404, 404),
    "project admin": (403, 200, 200, 200, 403),
    "project admin, project": (403, 403, 200, 200, 403),
    "project member": (403, 200, 200, 403, 403),
    "project member, project": (403, 403, 200, 403, 403),
    "external": (403, 403, 200, 403, 403),
    "external admin": (403, 403, 200, 200, 403),
    "stranger": (200, 200, 404, 404, 404),
    "API key": (403, 403, 403, 403, 403),
    "terminal": (403, 403, 403, 403, 403),
}


@pytest.mark.parametrize("caller", WHO)
def test_who_may_do_what(world: World, caller: str) -> None:
    secret = cast(world)[caller]
    answers = (
        send(PROJECTS, secret, {"name": f"By {caller}"[:30].replace(",", "")}),
        call(PROJECTS, secret),
        call(path(world.research), secret),
        send(path(world.research), secret, {"name": "Renamed"}),
        send(path(world.research, "/archive"), secret),
    )
    assert tuple(answer.status_code for answer in answers) == WHO[caller]


def test_people_list_the_projects_that_they_can_open(world: World) -> None:
    secrets = cast(world)
    for caller, expected in {
        "member": ["Default Project"],
        "project admin": ["Default Project", "Research"],
        "project member": ["Default Project", "Research", "Production"],
        "stranger": ["Default Project", world.other_project.name],
    }.items():
        assert names(call(f"{PROJECTS}?order=asc", secrets[caller])) == expected


def test_a_project_token_opens_its_own_project_alone(world: World) -> None:
    secret = cast(world)["owner, project"]
    unknown = call(f"{PROJECTS}/proj_{'0' * 20}", secret)
    answer = call(path(world.production), secret)
    assert (answer.status_code, answer.content) == (404, unknown.content)


def test_a_token_opens_no_project_of_another_organization_of_its_person(world: World) -> None:
    secret = made(world.external, world.external.home_organization, scope=WRITE).secret
    assert call(PROJECTS, secret).status_code == 200
    unknown = call(f"{PROJECTS}/proj_{'0' * 20}", secret)
    answer = call(path(world.research), secret)
    assert (answer.status_code, answer.content) == (404, unknown.content)


@pytest.mark.parametrize("act", ["", "/archive", "/unarchive"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_foreign_project_is_answered_like_an_unknown_one(
    world: World, act: str, method: str
) -> None:
    secret = foreign_admin_key(world)
    foreign, unknown = path(world.research, act), f"{PROJECTS}/proj_{'0' * 20}{act}"
    answers = [send(one, secret, None, method) for one in (foreign, unknown)]
    assert {answer.status_code for answer in answers} == (
        {405} if method == "GET" and act else {404}
    )
    if answers[0].status_code == 404:
        assert answers[0].content == answers[1].content


def test_sent_again_with_the_same_idempotency_key_a_project_is_created_once(
    world: World, key: str
) -> None:
    headers = {"Idempotency-Key": "run-1"}
    first, again = (send(PROJECTS, key, {"name": "Once"}, **headers) for _ in range(2))
    assert (first.status_code, again.status_code) == (200, 200)
    assert (again.json(), again["Idempotent-Replayed"]) == (first.json(), "true")
    assert Project.objects.filter(name="Once").count() == 1
    other = send(PROJECTS, key, {"name": "Twice"}, **headers)
    assert (other.status_code, error_of(other)["code"]) == (409, "idempotency_key_reused")


def test_acts_take_any_type_without_a_body(world: World, key: str) -> None:
    headers = {"authorization": f"Bearer {key}"}
    for act, kind in (("/archive", "application/json"), ("/unarchive", "")):
        answer = Client().generic(
            "POST", path(world.production, act), content_type=kind, headers=headers
        )
        assert answer.status_code == 200


def test_an_admin_key_lists_its_organizations_projects_for_the_platforms_client(
    world: World, key: str
) -> None:
    listed = call("/v1/projects", key).json()
    assert [project["id"] for project in listed["data"]] == [
        world.default.public_id,
        world.production.public_id,
        world.research.public_id,
    ]
    assert call("/v3/whoami", key).json()["type"] == "org_api_key"
