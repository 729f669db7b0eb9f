"""Acts on keys at the same moment: one wins, the others get an answer, and no key is left half done."""

import datetime as dt
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.db.models import Count, Q
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.models import AuditEvent, User
from keys.api_keys.services import (
    create_key,
    finish_rotation,
    rename_key,
    revoke_key,
    rotate_key,
    set_expiration,
    undo_rotation,
)
from keys.models import ApiKey, KeySecret
from projects.models import Project
from projects.services.archive import archive_project
from projects.services.collaborators import remove_collaborator
from tests.keys.helpers.gateway_client import auth
from tests.races.at_once import ANSWERS, assert_rules_hold, at_once, outcomes, outcomes_in_order
from tests.support.clock import DAY
from tests.support.pages import signed_in
from tests.world import World, issued, listed

pytestmark = pytest.mark.django_db(transaction=True)


def assert_keys_hold() -> None:
    """Beside the rules of the whole database: each key has one current secret, and at most one outgoing."""
    assert_rules_hold()
    running = Q(secrets__ends_at__gt=timezone.now())
    for key in ApiKey.objects.annotate(
        current=Count("secrets", filter=Q(secrets__ends_at=None)),
        outgoing=Count("secrets", filter=running),
    ):
        assert key.current == 1, f"{key} has {key.current} current secrets"
        assert key.outgoing <= 1, f"{key} has {key.outgoing} outgoing secrets"


def made(world: World, number: int) -> Any:
    """A key of its own for each round, with its secret."""
    return issued(world.research, world.owner, f"key {number}")


def people(world: World) -> list[User]:
    return [world.owner, world.project_member, world.external, world.admin]


def answers(secrets: list[str]) -> list[int]:
    return [auth(secret).status_code for secret in secrets]


@pytest.mark.parametrize("hours", [0, 24])
def test_a_form_to_rotate_is_sent_four_times_at_once(
    world: World, rounds: range, hours: int
) -> None:
    """Whether they come one after the other or not, one gets a secret and the others none."""
    for number in rounds:
        one = made(world, number)
        shown: list[str] = []

        def rotate(user: User, key: ApiKey = one.key, shown: list[str] = shown) -> None:
            overlap = dt.timedelta(hours=hours)
            shown.append(
                rotate_key(actor=Actor.of_user(user), key=key, overlap=overlap, replaces=1).secret
            )

        came = outcomes(*(partial(rotate, user) for user in people(world)))
        assert came == {"done": 1, "conflict": 3}
        assert KeySecret.objects.filter(api_key=one.key).count() == 2
        assert answers([one.secret, *shown]) == [200 if hours else 401, 200]
        assert_keys_hold()


def test_two_forms_rotate_at_once(world: World, rounds: range) -> None:
    """Without a word of which secret they replace: the second finds a rotation that runs."""
    for number in rounds:
        key = made(world, number).key
        came = outcomes(
            *(
                partial(rotate_key, actor=Actor.of_user(user), key=key, overlap=DAY)
                for user in people(world)[:2]
            )
        )
        assert came == {"done": 1, "conflict": 1}
        assert_keys_hold()


def test_a_key_is_revoked_while_it_is_rotated(world: World, rounds: range) -> None:
    for number in rounds:
        one = made(world, number)
        shown: list[str] = []

        def rotate(key: ApiKey = one.key, shown: list[str] = shown) -> None:
            shown.append(
                rotate_key(actor=Actor.of_user(world.external), key=key, overlap=DAY).secret
            )

        revoked, rotated = outcomes_in_order(
            partial(revoke_key, actor=Actor.of_user(world.owner), key=one.key), rotate
        )
        assert revoked == "done"
        assert rotated in ("done", "conflict")
        assert answers([one.secret, *shown]) == [401] * (1 + len(shown))
        assert_keys_hold()


def test_a_key_is_revoked_once_however_often(world: World, rounds: range) -> None:
    for number in rounds:
        key, before = made(world, number).key, AuditEvent.objects.count()
        came = outcomes(
            *(partial(revoke_key, actor=Actor.of_user(user), key=key) for user in people(world))
        )
        assert came == {"done": 1, "conflict": 3}
        assert AuditEvent.objects.count() == before + 1, "one act, one event"


def test_a_rotation_is_finished_while_it_is_undone(world: World, rounds: range) -> None:
    for number in rounds:
        one = made(world, number)
        new = rotate_key(actor=Actor.of_user(world.owner), key=one.key, overlap=DAY).secret
        finished, undone = outcomes_in_order(
            partial(finish_rotation, actor=Actor.of_user(world.owner), key=one.key),
            partial(undo_rotation, actor=Actor.of_user(world.external), key=one.key),
        )
        assert {finished, undone} == {"done", "conflict"}
        assert answers([one.secret, new]) == ([401, 200] if finished == "done" else [200, 401])
        assert_keys_hold()


def test_a_key_is_revoked_while_it_gets_an_end_and_a_name(world: World, rounds: range) -> None:
    for number in rounds:
        one, actor = made(world, number), Actor.of_user(world.project_member)
        end = timezone.now() + DAY
        revoked, *others = outcomes_in_order(
            partial(revoke_key, actor=Actor.of_user(world.owner), key=one.key),
            partial(set_expiration, actor=actor, key=one.key, expires_at=end),
            partial(rename_key, actor=actor, key=one.key, name=f"other {number}"),
        )
        assert revoked == "done"
        assert set(others) <= {"done", "conflict"}
        assert answers([one.secret]) == [401]


def test_keys_get_the_same_name_at_once(world: World, rounds: range) -> None:
    """Two by another name, one as it is made."""
    for number in rounds:
        name = f"wanted {number}"
        first, second = (made(world, 1000 * side + number).key for side in (1, 2))
        came = outcomes(
            partial(rename_key, actor=Actor.of_user(world.owner), key=first, name=name),
            partial(rename_key, actor=Actor.of_user(world.external), key=second, name=name),
            partial(
                create_key, actor=Actor.of_user(world.admin), project=world.research, name=name
            ),
        )
        assert came == {"done": 1, "conflict": 2}
        assert world.research.api_keys.filter(name=name).count() == 1


def test_a_form_sent_by_two_tabs_at_once_makes_one_key(world: World, rounds: range) -> None:
    url = reverse("api_key_create", args=[world.research.slug])
    for number in rounds:
        names = (f"a {number}", f"b {number}")
        came = at_once(
            [
                partial(
                    signed_in(world.owner).post, url, {"name": name, "form_token": f"form{number}"}
                )
                for name in names
            ]
        )
        assert sorted(answer.status_code for answer in came) == [200, 302]
        assert world.research.api_keys.filter(name__in=names).count() == 1
        assert_keys_hold()


def meanwhile_removed(world: World) -> Callable[[], object]:
    row = world.research.collaborators.filter(user=world.member).first()
    row = row or listed(world.research, world.member)
    return partial(remove_collaborator, actor=Actor.of_user(world.owner), collaborator=row)


def meanwhile_archived(world: World) -> Callable[[], object]:
    Project.objects.filter(pk=world.research.pk).update(archived_at=None)
    if not world.research.collaborators.filter(user=world.member).exists():
        listed(world.research, world.member)
    return partial(archive_project, actor=Actor.of_user(world.owner), project=world.research)


@pytest.mark.parametrize("meanwhile", [meanwhile_removed, meanwhile_archived])
def test_a_key_is_made_or_rotated_while_its_maker_goes_or_the_project_is_archived(
    world: World, rounds: range, meanwhile: Callable[[World], Callable[[], object]]
) -> None:
    for number in rounds:
        other, name = meanwhile(world), f"late {number}"
        actor, before = Actor.of_user(world.member), world.key.secrets.count()
        happened, created, rotated = outcomes_in_order(
            other,
            partial(create_key, actor=actor, project=world.research, name=name),
            partial(rotate_key, actor=actor, key=world.key, overlap=dt.timedelta()),
        )
        assert happened == "done"
        assert {created, rotated} <= {"done", "gone", "denied"}
        key = world.research.api_keys.filter(name=name)
        assert key.exists() == (created == "done")
        assert KeySecret.objects.filter(api_key__in=key).count() == (created == "done")
        assert world.key.secrets.count() == before + (rotated == "done")
        assert_keys_hold()


def test_the_pages_never_break_when_a_key_is_acted_on_at_once(
    world: World, fewer_rounds: range
) -> None:
    clients = [signed_in(user) for user in people(world)]
    for client in clients:
        client.raise_request_exception = False
    for number in fewer_rounds:
        key = made(world, number).key
        rotate, rename, expire, revoke = (
            reverse(f"api_key_{act}", args=[world.research.slug, key.public_id])
            for act in ("rotate", "rename", "expiration", "revoke")
        )
        given: list[tuple[Client, str, dict[str, str]]] = [
            (clients[0], rotate, {"overlap": "24", "replaces": "1"}),
            (clients[0], rotate, {"overlap": "24", "replaces": "1"}),
            (clients[1], rename, {"name": f"other {number}"}),
            (clients[2], expire, {"expires": "30d"}),
            (clients[3], revoke, {}),
        ]
        came = at_once([partial(client.post, path, data) for client, path, data in given])
        statuses = [answer.status_code for answer in came]
        assert set(statuses) <= ANSWERS, statuses
        assert Counter(statuses[:2])[200] <= 1, "one form shows one secret"
        assert statuses[4] == 302
        assert_keys_hold()
