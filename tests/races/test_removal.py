"""Somebody is removed while keys of theirs are made, rotated or revoked: no key slips through."""

from functools import partial

import pytest

from accounts.actors import Actor
from accounts.enums import Action
from accounts.members.departure import ALL_KEYS
from accounts.members.services import remove_member
from accounts.models import AuditEvent, User
from keys.api_keys.services import create_key, revoke_key, rotate_key
from keys.models import ApiKey
from keys.verification.verdicts import verify_key
from projects.models import Collaborator
from projects.services.collaborators import remove_collaborator
from tests.races.at_once import assert_rules_hold, outcomes, outcomes_in_order
from tests.support.clock import DAY
from tests.world import World, issued, join, listed

pytestmark = pytest.mark.django_db(transaction=True)


def newcomer(world: World, number: int) -> Collaborator:
    user = join(world.organization, f"leaver{number}@northwind.example")
    return listed(world.research, user)


def active_names(user: User) -> set[str]:
    return set(user.created_keys.active().values_list("name", flat=True))


def test_two_remove_the_same_person_with_other_boxes(world: World, rounds: range) -> None:
    for number in rounds:
        row = newcomer(world, number)
        keys = [issued(world.research, row.user, f"{name} {number}").key for name in ("one", "two")]
        came = outcomes(
            *(
                partial(
                    remove_collaborator,
                    actor=Actor.of_user(by),
                    collaborator=row,
                    revoke=[key.public_id],
                )
                for by, key in zip((world.owner, world.admin), keys, strict=True)
            )
        )
        assert came == {"done": 1, "gone": 1}
        (left,) = row.user.created_keys.active()
        ids = [key.public_id for key in keys]
        (event,) = AuditEvent.objects.filter(act=Action.KEY_REVOKED, target_id__in=ids)
        assert event.target_id != left.public_id
        removed = AuditEvent.objects.get(act=Action.COLLABORATOR_REMOVED, target_id=row.public_id)
        assert event.actor == removed.actor
        assert_rules_hold()


def rotate(world: World, key: ApiKey, secrets: list[str]) -> None:
    """Adds the new secret to `secrets`."""
    secrets.append(
        rotate_key(actor=Actor.of_user(world.project_admin), key=key, overlap=DAY).secret
    )


@pytest.mark.parametrize("chosen", ["named", "all"])
def test_a_key_is_rotated_while_it_is_revoked_with_its_maker(
    world: World, rounds: range, chosen: str
) -> None:
    for number in rounds:
        row = newcomer(world, number)
        made = issued(world.research, row.user, f"rotated {number}")
        secrets = [made.secret]
        revoke = [made.key.public_id if chosen == "named" else ALL_KEYS]
        removed, rotated = outcomes_in_order(
            partial(
                remove_collaborator,
                actor=Actor.of_user(world.owner),
                collaborator=row,
                revoke=revoke,
            ),
            partial(rotate, world, made.key, secrets),
        )
        assert removed == "done"
        assert rotated in ("done", "conflict")
        assert {str(verify_key(secret).code) for secret in secrets} == {"revoked"}


@pytest.mark.parametrize("place", ["project", "organization"])
def test_no_one_who_is_out_makes_a_key(world: World, rounds: range, place: str) -> None:
    for number in rounds:
        row = newcomer(world, number)
        membership = world.organization.memberships.get(user=row.user)
        removal = (
            partial(remove_collaborator, actor=Actor.of_user(world.owner), collaborator=row)
            if place == "project"
            else partial(remove_member, actor=Actor.of_user(world.owner), membership=membership)
        )
        name = f"last {number}"
        removed, created = outcomes_in_order(
            partial(removal, revoke=[ALL_KEYS]),
            partial(create_key, actor=Actor.of_user(row.user), project=world.research, name=name),
        )
        # Made first it is among all of theirs; afterwards the project is not there for them.
        assert (removed, created) in [("done", "done"), ("done", "gone")]
        assert row.user.created_keys.count() == (created == "done")
        assert active_names(row.user) == set()
        assert_rules_hold()


def test_someone_else_revokes_the_ticked_key_first(world: World, rounds: range) -> None:
    for number in rounds:
        row = newcomer(world, number)
        key = issued(world.research, row.user, f"wanted {number}").key
        removed, revoked = outcomes_in_order(
            partial(
                remove_collaborator,
                actor=Actor.of_user(world.owner),
                collaborator=row,
                revoke=[key.public_id],
            ),
            partial(revoke_key, actor=Actor.of_user(world.project_admin), key=key),
        )
        assert removed == "done"
        assert revoked in ("done", "conflict")
        assert active_names(row.user) == set()
        events = AuditEvent.objects.filter(act=Action.KEY_REVOKED, target_id=key.public_id)
        assert events.count() == 1
