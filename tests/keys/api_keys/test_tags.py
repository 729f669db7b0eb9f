"""The tags of an API key, on a page and in the API."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.urls import reverse

from accounts.actors import Actor
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.models import AuditEvent
from keys.api_keys.services import create_key, revoke_key
from keys.api_keys.tag_services import change_key_tags
from keys.models import ApiKey
from projects.tags.periods import get_tags
from projects.tags.services import change_project_tags
from tests.keys.helpers.api_client import call, error_of, send
from tests.keys.helpers.managed_keys import keys_of, path
from tests.projects.api.callers import admin_key
from tests.projects.helpers.service_accounts import make_account
from tests.support.pages import queries, signed_in, words
from tests.world import World, issued

pytestmark = pytest.mark.django_db


def change(world: World, **tags: str) -> bool:
    return change_key_tags(actor=Actor.of_user(world.owner), key=world.key, tags=tags)


def page(world: World, key: ApiKey | None = None) -> str:
    return reverse("api_key_tags", args=[world.research.slug, (key or world.key).public_id])


def save(world: World, **tags: str) -> Any:
    data = {"name": list(tags), "value": list(tags.values())}
    return signed_in(world.project_member).post(page(world), data, follow=True)


def test_a_members_change_is_saved_and_recorded(world: World) -> None:
    answer = save(world, team="ads", customer="Acme & Sons")
    assert "were saved" in words(answer)
    assert get_tags(world.key) == {"customer": "Acme & Sons", "team": "ads"}
    event = AuditEvent.objects.get(act=Action.KEY_TAGS_CHANGED)
    assert event.values_after == {"customer": "Acme & Sons", "team": "ads"}
    assert event.target_id == world.key.public_id


def test_the_page_shows_what_the_key_has_from_its_project(world: World) -> None:
    actor = Actor.of_user(world.owner)
    change_project_tags(actor=actor, project=world.research, tags={"team": "search", "env": "dev"})
    change(world, team="ads")
    answer = signed_in(world.owner).get(page(world))
    assert [tag.name for tag in answer.context["inherited"]] == ["env"]
    assert "dev from tomorrow" in words(answer)


def test_its_menu_leads_to_the_page(world: World) -> None:
    answer = signed_in(world.owner).get(reverse("api_keys", args=[world.research.slug]))
    assert page(world) in answer.content.decode()


def test_bad_tags_are_refused(world: World) -> None:
    answer = save(world, Team="x")
    assert answer.status_code == 422
    assert get_tags(world.key) == {}


def test_a_revoked_key_keeps_its_tags(world: World) -> None:
    change(world, team="ads")
    revoke_key(actor=Actor.of_user(world.owner), key=world.key)
    with pytest.raises(Conflict):
        change(world)
    assert signed_in(world.owner).post(page(world), {"name": "a", "value": "b"}).status_code == 409
    assert get_tags(world.key) == {"team": "ads"}


def test_strangers_find_no_key(world: World) -> None:
    for user in (world.member, world.stranger, world.other_member):
        with pytest.raises(Http404):
            change_key_tags(actor=Actor.of_user(user), key=world.key, tags={})


def test_the_default_key_has_no_tags_of_its_own(world: World) -> None:
    default = world.default.api_keys.default_key()
    with pytest.raises(Http404):
        change_key_tags(actor=Actor.of_user(world.owner), key=default, tags={"a": "b"})


def test_externals_do_not_change_those_of_a_service_accounts_key(world: World) -> None:
    account = make_account(world.research, world.owner)
    actor = Actor.of_user(world.owner)
    key = create_key(
        actor=actor, project=world.research, name="nightly", service_account=account
    ).key
    assert change_key_tags(actor=Actor.of_user(world.project_admin), key=key, tags={"a": "b"})
    with pytest.raises(PermissionDenied):
        change_key_tags(actor=Actor.of_user(world.external), key=key, tags={})


def test_programs_set_and_read_tags(world: World) -> None:
    admin = admin_key(world)
    assert call(path(world.key), admin).json()["tags"] == {}
    answer = send(path(world.key), admin, {"tags": {"team": "ads"}}).json()
    assert answer["tags"] == {"team": "ads"}
    assert send(path(world.key), admin, {"name": "CI"}).json()["tags"] == {"team": "ads"}
    bad = send(path(world.key), admin, {"tags": {"team": "none"}})
    assert (bad.status_code, error_of(bad)["param"]) == (422, "tags")


def test_tags_of_more_keys_take_no_more_queries(world: World) -> None:
    admin = admin_key(world)

    def count() -> int:
        with queries() as captured:
            call(keys_of(world.research), admin)
            call("/v1/organization/api_keys", admin)
        return len(captured)

    count()
    change(world, a="1")
    one = count()
    for number in range(5):
        key = issued(world.research, world.owner, f"key {number}").key
        tags = {f"tag{each}": "x" for each in range(16)}
        change_key_tags(actor=Actor.of_user(world.owner), key=key, tags=tags)
    assert count() == one
