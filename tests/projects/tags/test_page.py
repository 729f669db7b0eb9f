"""The page with a project's tags, and their list on its settings page."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import User
from projects.tags.periods import get_tags
from projects.tags.services import change_project_tags
from projects.tags.views import SAVED, UNCHANGED
from tests.keys.helpers.api_client import call, error_of, send
from tests.projects.api.callers import admin_key
from tests.support.clock import DAY, set_clock
from tests.support.pages import queries, signed_in, words
from tests.world import World

pytestmark = pytest.mark.django_db
Pairs = list[tuple[str, str]]


@pytest.fixture(autouse=True)
def clock(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time stands still, once there is a world: no midnight passes between a change and what is read."""
    set_clock(monkeypatch, timezone.now())


def page(world: World) -> str:
    return reverse("project_tags", args=[world.research.slug])


def settings(user: User, world: World) -> str:
    return words(signed_in(user).get(reverse("project_settings", args=[world.research.slug])))


def save(world: World, pairs: Pairs, seen: str = "", user: User | None = None) -> Any:
    data = {"name": [name for name, _ in pairs], "value": [value for _, value in pairs]}
    client = signed_in(user or world.owner)
    return client.post(page(world), {**data, "seen": seen}, follow=True)


def change(world: World, **tags: str) -> None:
    change_project_tags(actor=Actor.of_user(world.owner), project=world.research, tags=tags)


def test_tags_are_saved_and_listed_with_when_they_count(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    answer = save(world, [("team", "search"), ("", ""), ("env", " dev "), ("", "")])
    assert answer.redirect_chain[-1][0].endswith("/general/")
    assert SAVED in words(answer)
    assert "search from tomorrow" in words(answer)
    assert get_tags(world.research) == {"env": "dev", "team": "search"}
    set_clock(monkeypatch, timezone.now() + DAY)
    assert "from tomorrow" not in settings(world.owner, world)
    change(world, team="ads")
    listed = settings(world.project_member, world)
    assert "search today, ads from tomorrow" in listed
    assert "dev removed from tomorrow" in listed


def test_a_project_without_tags_says_so(world: World) -> None:
    assert "Research has no tags." in settings(world.owner, world)


def test_members_see_tags_without_a_link_to_edit_them(world: World) -> None:
    change(world, team="search")
    listed = settings(world.project_member, world)
    assert "search" in listed
    assert "Edit tags" not in listed


def test_the_form_has_the_tags_and_some_free_rows(world: World) -> None:
    change(world, team="search", env="dev")
    form = signed_in(world.owner).get(page(world)).context["form"]
    pairs = [(row["name"].value(), row["value"].value()) for row in form.rows]
    assert pairs == [("env", "dev"), ("team", "search"), *[("", "")] * 3]


def test_a_full_form_has_no_free_row(world: World) -> None:
    change(world, **{f"tag{number}": "x" for number in range(15)})
    form = signed_in(world.owner).get(page(world)).context["form"]
    assert len(form.rows) == 16


@pytest.mark.parametrize(
    ("pairs", "field"),
    [
        ([("Team", "x")], "name"),
        ([("", "x")], "name"),
        ([("team", "")], "value"),
        ([("team", "none")], "value"),
        ([("team", "a\u202eb")], "value"),
        ([("team", "x" * 101)], "value"),
        ([("a" * 41, "x")], "name"),
    ],
)
def test_what_is_wrong_is_said_in_its_row(world: World, pairs: Pairs, field: str) -> None:
    answer = save(world, [("env", "dev"), *pairs])
    assert answer.status_code == 422
    first, second, *_ = answer.context["form"].rows
    assert not first.errors
    assert set(second.errors) == {field}
    assert second["name"].value() == pairs[0][0]
    assert get_tags(world.research) == {}


def test_a_name_is_there_once(world: World) -> None:
    answer = save(world, [("team", "a"), ("team", "b")])
    assert answer.status_code == 422
    assert "already in a row above" in words(answer)


def test_there_are_at_most_sixteen(world: World) -> None:
    answer = save(world, [(f"tag{number}", "x") for number in range(17)])
    assert answer.status_code == 422
    assert "Use at most 16 tags." in words(answer)


def test_a_form_of_other_tags_is_refused_and_can_be_sent_again(world: World) -> None:
    seen = signed_in(world.owner).get(page(world)).context["form"]["seen"].value()
    change(world, env="dev")
    answer = save(world, [("team", "search")], seen)
    assert answer.status_code == 409
    assert "changed since you opened this page" in words(answer)
    assert get_tags(world.research) == {"env": "dev"}


def test_saving_without_a_change_says_so(world: World) -> None:
    change(world, env="dev")
    assert UNCHANGED in words(save(world, [("env", "dev")]))


def test_more_tags_take_no_more_queries(world: World) -> None:
    def count() -> int:
        client = signed_in(world.owner)
        with queries() as captured:
            client.get(reverse("project_settings", args=[world.research.slug]))
            client.get(page(world))
        return len(captured)

    change(world, a="1")
    one = count()
    change(world, **{f"tag{number}": "x" for number in range(16)})
    assert count() == one


def test_programs_set_and_read_tags(world: World) -> None:
    admin, path = admin_key(world), f"/v1/organization/projects/{world.research.public_id}"
    assert call(path, admin).json()["tags"] == {}
    answer = send(path, admin, {"tags": {"team": "search", "env": "dev"}})
    assert answer.json()["tags"] == {"env": "dev", "team": "search"}
    assert send(path, admin, {"name": "Research 2"}).json()["tags"] == {
        "env": "dev",
        "team": "search",
    }
    assert send(path, admin, {"tags": {"team": "ads"}}).json()["tags"] == {"team": "ads"}
    projects = call("/v1/organization/projects", admin).json()["data"]
    assert {"team": "ads"} in [project["tags"] for project in projects]


@pytest.mark.parametrize(
    "tags", [{"Team": "x"}, {"team": "none"}, {"team": 5}, ["team"], {"a": ""}]
)
def test_bad_tags_of_programs_are_refused(world: World, tags: Any) -> None:
    admin, path = admin_key(world), f"/v1/organization/projects/{world.research.public_id}"
    answer = send(path, admin, {"name": "Other", "tags": tags})
    assert answer.status_code == 422
    assert error_of(answer)["param"].startswith("tags")
    world.research.refresh_from_db()
    assert world.research.name == "Research"


def test_a_list_of_projects_takes_the_same_queries_with_tags(world: World) -> None:
    admin = admin_key(world)

    def count() -> int:
        with queries() as captured:
            call("/v1/organization/projects", admin)
        return len(captured)

    count()
    without = count()
    change(world, a="1", b="2")
    assert count() == without
