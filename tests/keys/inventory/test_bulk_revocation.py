"""Several keys revoked at once: named first, then all of them or none."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import Client
from django.urls import reverse

from accounts.actors import Actor
from accounts.enums import Action
from accounts.models import AuditEvent
from keys.api_keys.services import revoke_key
from keys.inventory.services import revoke_several
from keys.models import ApiKey
from projects.services.archive import archive_project
from tests.keys.helpers.factories import hoard, one
from tests.keys.helpers.gateway_client import code_of
from tests.support.pages import signed_in, words
from tests.world import World, issued

pytestmark = pytest.mark.django_db


@pytest.fixture
def keys(world: World) -> list[ApiKey]:
    """Two of other projects beside `notebooks`."""
    second = one(world.production, world.owner, "batch", days=3, used=2)
    return [world.key, second, one(world.default, world.owner, "trial")]


def address(world: World) -> str:
    return reverse("organization_keys_revoke", args=[world.organization.slug])


def chosen(*keys: ApiKey) -> dict[str, list[str]]:
    return {"keys": [key.public_id for key in keys]}


def ask(world: World, *keys: ApiKey, person: str = "owner", **query: str) -> Any:
    return signed_in(getattr(world, person)).get(address(world), {**chosen(*keys), **query})


def send(world: World, *keys: ApiKey, person: str = "owner") -> Any:
    client = Client(raise_request_exception=False)
    client.force_login(getattr(world, person))
    return client.post(address(world), chosen(*keys))


def unrevoked() -> int:
    return ApiKey.objects.unrevoked().count()


def revocations() -> list[str]:
    events = AuditEvent.objects.filter(act=Action.KEY_REVOKED).order_by("pk")
    return list(events.values_list("target_id", flat=True))


def test_what_was_chosen_is_named_before_anything_is_done(world: World, keys: list[ApiKey]) -> None:
    before, response = unrevoked(), ask(world, *keys)
    assert response.status_code == 200
    text = words(response)
    assert "Revoke 3 API keys?" in text
    for key, project in zip(keys, ("Research", "Production", "Default Project"), strict=True):
        assert f"{key.name} {key.secrets.get().hint} {project} ·" in text
    assert "last used 2 days ago" in text
    assert "never used" in text
    assert unrevoked() == before


def test_all_chosen_are_refused_from_the_next_request_on(
    world: World, keys: list[ApiKey], credential: str
) -> None:
    other = issued(world.research, world.owner, "stays")
    response = send(world, *keys)
    assert (response.status_code, response["Location"]) == (
        302,
        reverse("organization_keys", args=[world.organization.slug]),
    )
    assert code_of(credential, world.key_secret) == "revoked"
    assert code_of(credential, other.secret) == "valid"
    assert sorted(revocations()) == sorted(key.public_id for key in keys)
    assert {key.revoked_by for key in ApiKey.objects.filter(pk__in=[k.pk for k in keys])} == {
        world.owner
    }


def test_the_way_back_keeps_the_filter_of_the_list(world: World, keys: list[ApiKey]) -> None:
    client = signed_in(world.owner)
    page = client.get(address(world), {**chosen(keys[1]), "look": "unused-30", "sort": "name"})
    assert "?look=unused-30&amp;sort=name" in page.content.decode()
    path = f"{address(world)}?look=unused-30&sort=name&keys={keys[1].public_id}"
    response = client.post(path, chosen(keys[1]), follow=True)
    assert response.redirect_chain[0][0].endswith("/api-keys/?look=unused-30&sort=name")
    assert "batch was revoked." in words(response)


def test_one_chosen_twice_is_one(world: World, keys: list[ApiKey]) -> None:
    assert send(world, world.key, world.key).status_code == 302
    assert revocations() == [world.key.public_id]


def foreign(world: World, kind: str) -> str:
    return {
        "another organization": world.other_key.public_id,
        "Default Key": world.default.api_keys.default_key().public_id,
        "another's Default Key": world.other_default.api_keys.default_key().public_id,
        "unknown": "key_00000000000000000000",
        "no id": "1",
        "nasty": "key_\x00' OR 1=1 --",
    }[kind]


@pytest.mark.parametrize(
    "kind",
    [
        "another organization",
        "Default Key",
        "another's Default Key",
        "unknown",
        "no id",
        "nasty",
    ],
)
def test_with_a_key_that_is_not_there_nothing_is_done_to_the_others(
    world: World, keys: list[ApiKey], kind: str
) -> None:
    before, data = unrevoked(), {"keys": [keys[0].public_id, foreign(world, kind)]}
    client = Client()
    client.force_login(world.owner)
    answers = [client.get(address(world), data), client.post(address(world), data)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].content == client.get("/no-such-page/").content
    assert unrevoked() == before
    assert revocations() == []


def test_the_service_takes_no_key_of_elsewhere_either(world: World) -> None:
    default = world.default.api_keys.default_key()
    for other in (world.other_key, default, world.other_default.api_keys.default_key()):
        with pytest.raises(Http404):
            revoke_several(
                actor=Actor.of_user(world.owner),
                organization=world.organization,
                keys=[world.key, other],
            )
    with pytest.raises(PermissionDenied):
        revoke_several(
            actor=Actor.of_user(world.project_admin),
            organization=world.organization,
            keys=[world.key],
        )
    assert revocations() == []


def test_a_key_that_is_revoked_already_is_named_and_the_others_stay(
    world: World, keys: list[ApiKey]
) -> None:
    revoke_key(actor=Actor.of_user(world.admin), key=world.key)
    response = send(world, *keys)
    assert response.status_code == 409
    assert "Already revoked: notebooks. The other keys weren't changed." in words(response)
    assert "Revoke 2 API keys?" in words(response), "the page goes on with those that are left"
    assert revocations() == [world.key.public_id]
    assert "Already revoked, so not changed: notebooks" in words(ask(world, *keys))
    assert "All selected keys are already revoked." in words(ask(world, world.key))


def test_none_and_too_many_are_refused_with_a_sentence(world: World) -> None:
    assert "Select keys in the list first" in words(ask(world))
    response = send(world)
    assert response.status_code == 422
    assert "Select the keys to revoke in the list." in words(response)
    many = hoard(world.research, world.owner, 51)
    for response in (ask(world, *many), send(world, *many)):
        assert response.status_code == 422
        assert "Select at most 50 keys at once." in words(response)
    assert revocations() == []
    assert send(world, *many[:50]).status_code == 302
    assert len(revocations()) == 50


@pytest.mark.parametrize(
    ("person", "status"),
    [
        ("admin", 302),
        ("member", 403),
        ("project_admin", 403),
        ("project_member", 403),
        ("external_admin", 403),
        ("former", 404),
        ("stranger", 404),
        ("staff", 404),
    ],
)
def test_the_owner_and_admins_alone_revoke_several(
    world: World, keys: list[ApiKey], person: str, status: int
) -> None:
    before = unrevoked()
    assert ask(world, *keys, person=person).status_code == (200 if status == 302 else status)
    assert send(world, *keys, person=person).status_code == status
    assert unrevoked() == before - (3 if status == 302 else 0)


def test_keys_of_an_archived_project_can_be_revoked_too(world: World) -> None:
    archive_project(actor=Actor.of_user(world.owner), project=world.research)
    assert send(world, world.key).status_code == 302


def test_the_list_has_a_box_for_each_key_that_can_be_revoked(
    world: World, keys: list[ApiKey]
) -> None:
    revoke_key(actor=Actor.of_user(world.owner), key=world.key)
    path = reverse("organization_keys", args=[world.organization.slug])
    source = signed_in(world.owner).get(path, {"look": "all"}).content.decode()
    assert 'aria-label="Select batch in Production"' in source
    assert 'aria-label="Select notebooks' not in source
    assert f'action="{address(world)}"' in source
