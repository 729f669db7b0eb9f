"""People go and their keys stay, those apart that are revoked in the act that removes them."""

from collections.abc import Callable
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.members.departure import ALL_KEYS
from accounts.members.services import leave_organization, remove_member
from accounts.models import AuditEvent, User
from accounts.people.services.deletion import delete_account
from keys.api_keys.services import IssuedKey, revoke_key, rotate_key
from keys.models import ApiKey, KeySecret
from keys.verification.verdicts import verify_key
from projects.models import Collaborator
from projects.models.collaborator import today
from projects.services.collaborators import leave_project, remove_collaborator
from projects.services.endings import end_accesses
from projects.services.externals import keys_of_externals, remove_externals
from tests.support.clock import DAY
from tests.support.mail import mailed_to
from tests.world import World, issued, set_limits

pytestmark = pytest.mark.django_db
Remove = Callable[..., int]


def from_project(world: World, **given: Any) -> int:
    row = world.project_member_row
    return remove_collaborator(actor=Actor.of_user(world.owner), collaborator=row, **given)


def from_organization(world: World, **given: Any) -> int:
    membership = world.organization.memberships.get(user=world.project_member)
    return remove_member(actor=Actor.of_user(world.owner), membership=membership, **given)


REMOVALS = [from_project, from_organization]
both = pytest.mark.parametrize("remove", REMOVALS)


@pytest.fixture
def second(world: World) -> IssuedKey:
    """Another key of whoever made the world's."""
    return issued(world.research, world.project_member, "eval-runs")


def codes(*secrets: str) -> list[str]:
    return [str(verify_key(secret).code) for secret in secrets]


def is_in(world: World) -> bool:
    return Collaborator.objects.filter(pk=world.project_member_row.pk).exists()


def rows() -> list[Any]:
    models = (ApiKey, KeySecret, Collaborator, AuditEvent)
    return [list(model.objects.order_by("pk").values()) for model in models]  # type: ignore[attr-defined]


@both
def test_keys_of_a_removed_person_work_on_unless_revoked(
    world: World, second: IssuedKey, remove: Remove
) -> None:
    before = AuditEvent.objects.count()
    assert remove(world, revoke=[second.key.public_id]) == 1
    assert codes(world.key_secret, second.secret) == ["valid", "revoked"]
    assert not is_in(world)
    second.key.refresh_from_db()
    assert second.key.revoked_by == world.owner
    assert "Its creator was removed" in second.key.revoked_because
    events = world.organization.audit_events.order_by("sequence")[before:]
    told = {event.act: event for event in AuditEvent.objects.order_by("pk")[before:]}
    removed = Action.COLLABORATOR_REMOVED if remove is from_project else Action.MEMBER_REMOVED
    assert {removed, Action.KEY_REVOKED} <= set(told)
    assert told[Action.KEY_REVOKED].target_id == second.key.public_id
    assert told[Action.KEY_REVOKED].actor == told[removed].actor == world.owner
    assert second.secret not in str([event.__dict__ for event in events])


@both
def test_with_no_box_ticked_all_keys_stay(world: World, second: IssuedKey, remove: Remove) -> None:
    assert remove(world) == 0
    assert codes(world.key_secret, second.secret) == ["valid", "valid"]


@both
def test_all_of_them_are_those_of_the_person_and_place(
    world: World, second: IssuedKey, remove: Remove
) -> None:
    elsewhere = issued(world.production, world.project_member)
    others = issued(world.research, world.owner, "somebody else's")
    revoked = 2 if remove is from_project else 3
    assert remove(world, revoke=[ALL_KEYS]) == revoked
    assert codes(world.key_secret, second.secret) == ["revoked", "revoked"]
    assert codes(elsewhere.secret) == ["valid" if remove is from_project else "revoked"]
    assert codes(others.secret, world.other_key_secret) == ["valid", "valid"]
    assert codes(world.default.api_keys.default_key().secret_text) == ["valid"]


def test_both_secrets_of_a_key_that_is_being_rotated_are_refused(world: World) -> None:
    new = rotate_key(actor=Actor.of_user(world.owner), key=world.key, overlap=DAY).secret
    assert codes(world.key_secret, new) == ["valid", "valid"]
    from_project(world, revoke=[world.key.public_id])
    assert codes(world.key_secret, new) == ["revoked", "revoked"]


def somebody_elses(world: World) -> str:
    return issued(world.research, world.owner, "not theirs").key.public_id


def of_another_organization(world: World) -> str:
    return world.other_key.public_id


def the_default_key(world: World) -> str:
    return world.default.api_keys.default_key().public_id


WRONG: list[Callable[[World], str]] = [
    somebody_elses,
    of_another_organization,
    the_default_key,
    *[lambda world, text=text: text for text in ("", "\x00", "\ud800", "key_", "x" * 10_000)],  # type: ignore[misc]
    lambda world: str(world.key.pk),
    lambda world: world.key.public_id.upper(),
]


@both
@pytest.mark.parametrize("wrong", WRONG)
def test_an_id_of_no_key_of_theirs_is_refused_and_nothing_is_changed(
    world: World, remove: Remove, wrong: Callable[[World], str]
) -> None:
    chosen = [world.key.public_id, wrong(world), ALL_KEYS]
    before = rows()
    with pytest.raises(ValidationError) as refusal:
        remove(world, revoke=chosen)
    assert list(refusal.value.message_dict) == ["revoke"]
    assert not isinstance(refusal.value, Conflict)
    assert rows() == before
    assert codes(world.key_secret) == ["valid"]
    assert is_in(world)


def test_a_key_of_another_project_is_not_revoked_from_this_one(world: World) -> None:
    elsewhere = issued(world.production, world.project_member)
    with pytest.raises(ValidationError):
        from_project(world, revoke=[elsewhere.key.public_id])
    assert is_in(world)
    assert from_organization(world, revoke=[elsewhere.key.public_id]) == 1


@both
def test_a_key_that_someone_revoked_meanwhile_counts_as_done(
    world: World, second: IssuedKey, remove: Remove
) -> None:
    revoke_key(actor=Actor.of_user(world.project_admin), key=second.key)
    assert remove(world, revoke=[second.key.public_id, world.key.public_id]) == 1
    assert codes(world.key_secret, second.secret) == ["revoked", "revoked"]
    second.key.refresh_from_db()
    assert second.key.revoked_by == world.project_admin
    assert AuditEvent.objects.filter(act=Action.KEY_REVOKED).count() == 2


def test_a_key_that_expired_meanwhile_is_revoked_all_the_same(world: World) -> None:
    """Else somebody could prolong it."""
    ApiKey.objects.filter(pk=world.key.pk).update(expires_at=timezone.now())
    assert from_project(world, revoke=[world.key.public_id]) == 1
    assert codes(world.key_secret) == ["revoked"]


@both
def test_the_mail_says_how_many_keys_were_revoked(
    world: World, second: IssuedKey, remove: Remove
) -> None:
    remove(world, revoke=[ALL_KEYS])
    body = mailed_to(world.project_member.email)[-1].body
    assert "Owner also revoked 2 API keys you created." in body


def test_externals_keep_or_lose_their_keys_together(world: World) -> None:
    theirs = [
        issued(world.research, user, user.name).secret
        for user in (world.external, world.external_admin)
    ]
    set_limits(world.organization, world.staff, limit=5, externals=False)
    assert keys_of_externals(world.research) == 2
    remove_externals(actor=Actor.of_user(world.owner), project=world.research, revoke_keys=True)
    assert codes(*theirs, world.key_secret) == ["revoked", "revoked", "valid"]
    assert "also revoked 1 API key you created." in mailed_to(world.external.email)[-1].body


def test_externals_keep_them_when_nothing_is_said(world: World) -> None:
    secret = issued(world.research, world.external, "theirs").secret
    set_limits(world.organization, world.staff, limit=5, externals=False)
    remove_externals(actor=Actor.of_user(world.owner), project=world.research)
    assert codes(secret) == ["valid"]
    assert "revoked" not in mailed_to(world.external.email)[-1].body


def leaves_project(world: World, user: User) -> None:
    leave_project(actor=Actor.of_user(user), project=world.research)


def leaves_organization(world: World, user: User) -> None:
    leave_organization(actor=Actor.of_user(user), organization=world.organization)


def deletes_account(world: World, user: User) -> None:
    delete_account(actor=Actor.of_user(user))


def ends(world: World, user: User) -> None:
    Collaborator.objects.filter(user=user).update(end_date=today() - DAY)
    end_accesses()


@pytest.mark.parametrize("goes", [leaves_project, leaves_organization, deletes_account, ends])
def test_the_keys_of_someone_who_goes_otherwise_stay(
    world: World, goes: Callable[[World, User], None]
) -> None:
    goes(world, world.project_member)
    assert not is_in(world)
    assert codes(world.key_secret) == ["valid"]
