"""What ends a key holds from the next request on, in every worker, while gateways ask at full speed."""

import datetime as dt
import time
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.support.services.support import reopen_organization
from keys.api_keys.services import IssuedKey, finish_rotation, rotate_key, set_expiration
from projects.services.archive import restore_project
from tests.load.clients import Asked, asking
from tests.load.server import Server
from tests.support.pages import signed_in
from tests.world import World, issued

pytestmark = pytest.mark.django_db(transaction=True)
CLIENTS = 4
SECONDS = 0.4  # that gateways ask before, and go on asking after
AHEAD = dt.timedelta(seconds=1)
# Each ends the key and gives the moment, on the clock of the gateways, from which it must hold.
Ending = Callable[[World, IssuedKey], float]


def posted(world: World, name: str, *arguments: object, by: str = "owner", **data: str) -> float:
    """The moment at which the answer to the act has come back."""
    answer = signed_in(getattr(world, by)).post(reverse(name, args=arguments), data)
    assert answer.status_code == 302, answer.content
    return time.monotonic()


def revoked(world: World, made: IssuedKey) -> float:
    return posted(world, "api_key_revoke", world.research.slug, made.key.public_id)


def archived(world: World, made: IssuedKey) -> float:
    return posted(world, "project_archive", world.research.slug)


def suspended(world: World, made: IssuedKey) -> float:
    name = "admin:accounts_organization_suspend"
    return posted(world, name, world.organization.pk, by="staff", reason="Unpaid.")


def rotation_finished(world: World, made: IssuedKey) -> float:
    actor = Actor.of_user(world.owner)
    rotate_key(actor=actor, key=made.key, overlap=dt.timedelta(days=1))
    finish_rotation(actor=actor, key=made.key)
    return time.monotonic()


def rotation_over(world: World, made: IssuedKey) -> float:
    rotate_key(actor=Actor.of_user(world.owner), key=made.key, overlap=AHEAD)
    old = made.key.secrets.exclude(ends_at=None).get()
    return waited_for(old.ends_at)


def expired(world: World, made: IssuedKey) -> float:
    set_expiration(
        actor=Actor.of_user(world.owner), key=made.key, expires_at=timezone.now() + AHEAD
    )
    made.key.refresh_from_db()
    assert made.key.expires_at
    return waited_for(made.key.expires_at)


def waited_for(moment: dt.datetime) -> float:
    """That moment of the wall's clock on the other one, once it has come."""
    on_other = time.monotonic() + (moment - timezone.now()).total_seconds()
    time.sleep(max(0.0, on_other - time.monotonic()))
    return on_other


ENDINGS: dict[str, Ending] = {
    "revoked": revoked,
    "expired": expired,
    "rotation over": rotation_over,
    "rotation finished": rotation_finished,
    "archived": archived,
    "suspended": suspended,
}


def put_back(world: World) -> None:
    """What was frozen works again for the next trial."""
    world.organization.refresh_from_db()
    if not world.organization.is_active:
        reopen_organization(
            actor=Actor.of_user(world.staff), organization=world.organization, reason="Paid."
        )
    world.research.refresh_from_db()
    if world.research.is_archived:
        restore_project(actor=Actor.of_user(world.owner), project=world.research)


@dataclass(frozen=True)
class Trial:
    """What gateways were told of a key before it was ended, and from the moment on when it was."""

    before: list[Asked]
    after: list[Asked]


def trial(world: World, server: Server, ending: Ending, name: str) -> Trial:
    made = issued(world.research, world.owner, name)
    with asking(server, *[made.secret] * CLIENTS) as gateways:
        time.sleep(SECONDS)
        began = time.monotonic()
        moment = ending(world, made)
        time.sleep(SECONDS)
    put_back(world)
    return Trial(gateways.before(began), gateways.after(moment))


def wrong_with(found: Trial) -> str:
    accepted = sum(one.status == 200 for one in found.after)
    if accepted:
        return f"{accepted} of {len(found.after)} accepted afterwards"
    # Or the trial shows nothing: all were accepted before, and many asked afterwards.
    if {one.status for one in found.before} != {200} or len(found.after) <= CLIENTS:
        return f"no trial: {len(found.before)} before, {len(found.after)} after"
    return ""


def test_no_request_begun_afterwards_is_accepted(
    world: World, server: Server, trials: range
) -> None:
    wrong = [
        f"{name} {number}: {problem}"
        for name, ending in ENDINGS.items()
        for number in trials
        if (problem := wrong_with(trial(world, server, ending, f"{name} {number}")))
    ]
    assert wrong == []


def test_while_a_key_is_rotated_neither_secret_is_refused(
    world: World, server: Server, trials: range
) -> None:
    for number in trials:
        made = issued(world.research, world.owner, f"steady {number}")
        with asking(server, made.secret, made.secret) as with_old:
            time.sleep(SECONDS)
            new = rotate_key(
                actor=Actor.of_user(world.owner), key=made.key, overlap=dt.timedelta(days=1)
            ).secret
            with asking(server, new, new) as with_new:
                time.sleep(SECONDS)
        asked = [*with_old.asked, *with_new.asked]
        assert len(asked) > CLIENTS
        assert {one.status for one in asked} == {200}
