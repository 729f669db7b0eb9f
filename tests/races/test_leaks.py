"""Leaks are reported while other things happen to the key: it ends, once, whoever is first."""

from functools import partial
from typing import Any

import pytest

from accounts.actors import Actor
from accounts.models import AuditEvent, OutgoingMail
from keys.api_keys.services import IssuedKey, finish_rotation, revoke_key, rotate_key, undo_rotation
from keys.credentials.services import create_credential
from keys.models import ApiKey, KeyPolicy, LeakReport
from projects.services.archive import archive_project, restore_project
from tests.keys.helpers.leak_reporter import URL, report
from tests.races.at_once import at_once, outcomes_in_order
from tests.support.clock import DAY
from tests.world import World, issued

pytestmark = pytest.mark.django_db(transaction=True)


def fresh(world: World) -> IssuedKey:
    return issued(world.research, world.owner, "raced")


def acts_on(key: ApiKey) -> list[str]:
    return sorted(AuditEvent.objects.filter(target_id=key.public_id).values_list("act", flat=True))


def is_revoked(key: ApiKey) -> bool:
    return ApiKey.objects.get(pk=key.pk).revoked_at is not None


def test_several_reports_of_one_secret_are_one_act(world: World, rounds: range) -> None:
    for _ in rounds:
        made, mails = fresh(world), OutgoingMail.objects.count()
        places = [URL, URL, f"{URL}#2", f"{URL}#3"]
        answers = at_once([partial(report, made.secret, url=place) for place in places])
        assert answers == [[True]] * 4
        assert acts_on(made.key) == ["key.created", "key.leak_reported", "key.revoked"]
        assert LeakReport.objects.filter(secret__api_key=made.key).count() == 1
        assert OutgoingMail.objects.count() - mails == 2  # the Owner, who made it, and the Admin


def test_several_reports_that_only_tell_are_kept_once_a_place(world: World, rounds: range) -> None:
    KeyPolicy.objects.create(organization=world.organization, on_leak="notify")
    for _ in rounds:
        made = fresh(world)
        at_once([partial(report, made.secret, url=place) for place in (URL, URL, f"{URL}#2", URL)])
        assert acts_on(made.key).count("key.leak_reported") == 2
        assert LeakReport.objects.filter(secret__api_key=made.key).count() == 2
        revoke_key(actor=Actor.of_user(world.owner), key=made.key)


def test_reports_of_a_credential_are_one_act(world: World, fewer_rounds: range) -> None:
    credential = create_credential(actor=Actor.of_user(world.staff), name="gateway").secret
    for number in fewer_rounds:
        at_once([partial(report, credential, url=f"{URL}#{number}")] * 3)
        assert LeakReport.objects.filter(credential__isnull=False).count() == number + 1
        assert AuditEvent.objects.filter(act="key.leak_reported").count() == number + 1


RIVALS: dict[str, Any] = {
    "undo": undo_rotation,
    "finish": finish_rotation,
    "revoke": revoke_key,
}


@pytest.mark.parametrize("rival", RIVALS)
@pytest.mark.parametrize("which", ["old", "new"])
def test_a_secret_leaks_while_its_rotation_ends(
    world: World, rounds: range, rival: str, which: str
) -> None:
    """The key ends, unless that very secret had ended before: then it had lost its harm."""
    actor = Actor.of_user(world.owner)
    for _ in rounds:
        made = fresh(world)
        new = rotate_key(actor=actor, key=made.key, overlap=DAY).secret
        leaked = made.secret if which == "old" else new
        came = outcomes_in_order(
            partial(report, leaked), partial(RIVALS[rival], actor=actor, key=made.key)
        )
        key = ApiKey.objects.get(pk=made.key.pk)
        harmless = key.secrets.by_text([leaked])[leaked].ends_at is not None
        assert came[0] == "done"
        assert is_revoked(key) or (
            harmless and (rival, which) in {("undo", "new"), ("finish", "old")}
        )
        assert acts_on(key).count("key.revoked") <= 1
        if not is_revoked(key):
            revoke_key(actor=actor, key=key)


def test_a_secret_leaks_while_it_is_rotated(world: World, rounds: range) -> None:
    actor = Actor.of_user(world.owner)
    for _ in rounds:
        made = fresh(world)
        came = outcomes_in_order(
            partial(report, made.secret),
            partial(rotate_key, actor=actor, key=made.key, overlap=DAY),
        )
        # First rotated, then the outgoing secret leaks; or the key is already revoked.
        assert came in (["done", "done"], ["done", "conflict"])
        assert is_revoked(made.key)
        assert acts_on(made.key).count("key.revoked") == 1


def test_keys_of_two_organizations_leak_in_reports_of_other_order(
    world: World, rounds: range
) -> None:
    for _ in rounds:
        ours, theirs = fresh(world), issued(world.other_project, world.stranger, "raced")
        both = [ours.secret, theirs.secret]
        answers = at_once([partial(report, *both), partial(report, *reversed(both))])
        assert answers == [[True, True]] * 2
        for key in (ours.key, theirs.key):
            assert acts_on(key) == ["key.created", "key.leak_reported", "key.revoked"]


def test_a_key_leaks_while_its_project_is_archived(world: World, fewer_rounds: range) -> None:
    actor = Actor.of_user(world.owner)
    for _ in fewer_rounds:
        made = fresh(world)
        came = outcomes_in_order(
            partial(report, made.secret),
            partial(archive_project, actor=actor, project=world.research),
        )
        assert came == ["done", "done"]
        assert is_revoked(made.key)
        restore_project(actor=actor, project=world.research)


def test_a_default_key_leaks_twice_at_once(world: World, rounds: range) -> None:
    for _ in rounds:
        key = world.default.api_keys.default_key()
        number = key.secrets.count()
        at_once([partial(report, key.secret_text)] * 3)
        present = world.default.api_keys.default_key()
        assert present.secret_text != key.secret_text
        assert list(present.secrets.by_text([present.secret_text]).values()) == [
            present.current_secret()
        ]
        assert present.secrets.count() == number + 1
