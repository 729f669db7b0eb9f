"""Making a key and what is done with it: what is refused, what is written down, who learns the secret."""

import datetime as dt
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.utils import timezone

from accounts.actors import Actor
from accounts.errors import Conflict, Frozen, Withheld
from accounts.models import AuditEvent
from keys.api_keys.services import (
    cancel_expiration,
    create_key,
    finish_rotation,
    rename_key,
    revoke_key,
    rotate_key,
    set_expiration,
    undo_rotation,
)
from keys.models import ApiKey, KeyPolicy, KeySecret
from projects.services.archive import archive_project
from projects.services.collaborators import remove_collaborator
from tests.support.clock import DAY, set_clock
from tests.world import World, issued

pytestmark = pytest.mark.django_db
Services = dict[str, Callable[..., Any]]
ACTS: Services = {
    "rotate": partial(rotate_key, overlap=DAY),
    "finish": finish_rotation,
    "undo": undo_rotation,
    "expire": lambda **who: set_expiration(expires_at=timezone.now() + DAY, **who),
    "never expire": cancel_expiration,
    "rename": partial(rename_key, name="another name"),
    "revoke": revoke_key,
}


def policy(world: World, **rules: Any) -> None:
    KeyPolicy.objects.update_or_create(organization=world.organization, defaults=rules)


def rows() -> list[Any]:
    return [
        list(model.objects.order_by("pk").values()) for model in (ApiKey, KeySecret, AuditEvent)
    ]


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("person", ["former", "stranger", "member", "staff"])
def test_someone_who_cannot_see_the_project_finds_no_key_in_it(
    world: World, act: str, person: str
) -> None:
    before = rows()
    with pytest.raises(Http404):
        ACTS[act](actor=Actor.of_user(getattr(world, person)), key=world.key)
    assert rows() == before


@pytest.mark.parametrize("act", ACTS)
def test_nothing_can_be_done_with_the_default_key(world: World, act: str) -> None:
    default, before = world.default.api_keys.default_key(), rows()
    with pytest.raises(Http404):
        ACTS[act](actor=Actor.of_user(world.owner), key=default)
    assert rows() == before


@pytest.mark.parametrize("act", ACTS)
def test_a_revoked_key_stays_as_it_is(world: World, act: str) -> None:
    revoke_key(actor=Actor.of_user(world.owner), key=world.key)
    before = rows()
    with pytest.raises(Conflict, match="notebooks is revoked"):
        ACTS[act](actor=Actor.of_user(world.owner), key=world.key)
    assert rows() == before


@pytest.mark.parametrize("act", ACTS)
def test_an_archived_project_keeps_its_keys_as_they_are(world: World, act: str) -> None:
    archive_project(actor=Actor.of_user(world.owner), project=world.research)
    before = rows()
    with pytest.raises(Frozen, match="is archived"):
        ACTS[act](actor=Actor.of_user(world.owner), key=world.key)
    assert rows() == before


@pytest.mark.parametrize("act", ["create", *ACTS])
def test_no_audit_event_has_a_secret(world: World, act: str) -> None:
    actor, texts = Actor.of_user(world.owner), {world.key_secret}
    set_expiration(actor=actor, key=world.key, expires_at=timezone.now() + 9 * DAY)
    if act in ("finish", "undo"):
        texts.add(rotate_key(actor=actor, key=world.key, overlap=DAY).secret)
    done: Any = (
        issued(world.research, world.owner, "one more")
        if act == "create"
        else ACTS[act](actor=actor, key=world.key)
    )
    texts.add(getattr(done, "secret", world.key_secret))
    event = world.organization.audit_events.latest("pk")
    assert (event.actor, event.target_name.split(" in ")[1]) == (world.owner, "research")
    everything = str(rows())
    assert not any(text in everything or text[7:-4] in everything for text in texts)


@pytest.mark.parametrize(
    "overlap", [dt.timedelta(seconds=-1), 8 * DAY, 7 * DAY + dt.timedelta(seconds=1), 10**6 * DAY]
)
def test_an_overlap_is_never_cut_to_what_is_allowed(world: World, overlap: dt.timedelta) -> None:
    before = rows()
    with pytest.raises(ValidationError) as refused:
        rotate_key(actor=Actor.of_user(world.owner), key=world.key, overlap=overlap)
    assert set(refused.value.message_dict) == {"overlap"}
    assert rows() == before


@pytest.mark.parametrize("days", [0, 7])
def test_the_old_secret_ends_after_the_overlap(world: World, days: int) -> None:
    before = timezone.now()
    rotate_key(actor=Actor.of_user(world.owner), key=world.key, overlap=days * DAY)
    old, new = world.key.secrets.all()
    assert before <= old.ends_at - days * DAY <= timezone.now()
    assert (new.ends_at, new.created_by) == (None, world.owner)
    assert world.organization.audit_events.latest("pk").values_after == {
        "overlap_hours": 24.0 * days
    }


def test_a_form_rotates_once_even_when_that_was_undone(world: World) -> None:
    actor, key = Actor.of_user(world.owner), world.key
    once = partial(rotate_key, actor=actor, key=key, overlap=DAY, replaces=key.generation)
    once()
    for undone in (False, True):
        if undone:
            undo_rotation(actor=actor, key=key)
        with pytest.raises(Conflict, match="rotated since you opened"):
            once()
    assert key.secrets.count() == 2


def test_one_rotation_at_a_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    actor, start = Actor.of_user(world.owner), timezone.now()
    old, _ = world.key.current_secret(), rotate_key(actor=actor, key=world.key, overlap=DAY)
    with pytest.raises(Conflict, match=f"its old secret {old.hint} still works"):
        rotate_key(actor=actor, key=world.key, overlap=DAY)
    set_clock(monkeypatch, start + 2 * DAY)
    for late in (finish_rotation, undo_rotation):
        with pytest.raises(Conflict, match="is not being rotated"):
            late(actor=actor, key=world.key)
    rotate_key(actor=actor, key=world.key, overlap=DAY)
    assert world.key.secrets.live().count() == 2


def test_an_expired_key_gets_a_later_end_before_it_is_rotated(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    actor, start = Actor.of_user(world.owner), timezone.now()
    set_expiration(actor=actor, key=world.key, expires_at=start + DAY)
    set_clock(monkeypatch, start + DAY)
    with pytest.raises(Conflict, match="Set a later expiration first"):
        rotate_key(actor=actor, key=world.key, overlap=DAY)
    set_expiration(actor=actor, key=world.key, expires_at=start + 2 * DAY)
    assert rotate_key(actor=actor, key=world.key, overlap=DAY).secret


def test_an_end_that_is_over_is_refused_at_its_field(world: World) -> None:
    now, actor = timezone.now(), Actor.of_user(world.owner)
    for act in (
        partial(set_expiration, key=world.key),
        partial(create_key, project=world.research, name="late"),
    ):
        with pytest.raises(ValidationError) as refused:
            act(actor=actor, expires_at=now)
        assert not isinstance(refused.value, Conflict)
        assert set(refused.value.message_dict) == {"expires"}


def test_the_same_name_or_end_again_changes_nothing_and_is_not_audited(world: World) -> None:
    actor, end = Actor.of_user(world.owner), timezone.now() + DAY
    set_expiration(actor=actor, key=world.key, expires_at=end)
    before = rows()
    set_expiration(actor=actor, key=world.key, expires_at=end)
    rename_key(actor=actor, key=world.key, name=world.key.name)
    assert rows() == before


def test_names_are_once_a_project_among_keys_that_are_not_revoked(world: World) -> None:
    actor, other = Actor.of_user(world.owner), issued(world.research, world.owner, "exports").key
    for act in (
        partial(rename_key, key=other, name="notebooks"),
        partial(create_key, project=world.research, name="notebooks"),
    ):
        with pytest.raises(Conflict) as refused:
            act(actor=actor)
        assert set(refused.value.message_dict) == {"name"}
    issued(world.production, world.owner, "notebooks")
    revoke_key(actor=actor, key=world.key)
    assert rename_key(actor=actor, key=other, name="notebooks").name == "notebooks"


def test_a_new_end_is_reminded_of_anew(world: World) -> None:
    ApiKey.objects.filter(pk=world.key.pk).update(reminded_days=3)
    set_expiration(actor=Actor.of_user(world.owner), key=world.key, expires_at=timezone.now() + DAY)
    assert ApiKey.objects.get(pk=world.key.pk).reminded_days is None


def test_a_secret_that_an_external_gets_never_reads_usage(world: World) -> None:
    def rights(key: ApiKey) -> list[bool]:
        return list(key.secrets.values_list("may_read_usage", flat=True))

    made = issued(world.research, world.external, "theirs").key
    rotate_key(actor=Actor.of_user(world.owner), key=made, overlap=DAY)
    assert rights(made) == [False, False]
    rotate_key(actor=Actor.of_user(world.external_admin), key=world.key, overlap=DAY)
    assert rights(world.key) == [True, False]
    undo_rotation(actor=Actor.of_user(world.external), key=world.key)
    assert world.key.secrets.get(ends_at=None).may_read_usage


def test_keys_stay_when_their_creator_goes(world: World) -> None:
    remove_collaborator(actor=Actor.of_user(world.owner), collaborator=world.project_member_row)
    with pytest.raises(Http404):
        issued(world.research, world.project_member, "after")
    key = ApiKey.objects.get(pk=world.key.pk)
    assert key.is_active
    assert key.created_by == world.project_member
    assert rotate_key(actor=Actor.of_user(world.external), key=key, overlap=DAY).secret


def test_a_policy_for_admins_keeps_secrets_from_members_and_nothing_else(world: World) -> None:
    rotate_key(actor=Actor.of_user(world.owner), key=world.key, overlap=DAY)
    policy(world, makers="admins")
    for person in (world.project_member, world.external):
        actor = Actor.of_user(person)
        for act in (
            partial(create_key, project=world.research, name="x"),
            partial(rotate_key, key=world.key, overlap=DAY),
        ):
            with pytest.raises(
                Withheld, match="leaves creating and rotating keys to Project Admins"
            ):
                act(actor=actor)
    finish_rotation(actor=Actor.of_user(world.external), key=world.key)
    for person in (world.project_admin, world.external_admin, world.admin):
        rotate_key(actor=Actor.of_user(person), key=world.key, overlap=dt.timedelta())
    assert isinstance(Withheld(), PermissionDenied)
    revoke_key(actor=Actor.of_user(world.project_member), key=world.key)
