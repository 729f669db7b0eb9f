"""Usage that is posted after its person lost access counts, if it was before that."""

import datetime as dt

import pytest
from django.utils import timezone

from accounts.actors import Actor
from accounts.members.services import remove_member
from accounts.people.services.deletion import delete_account
from accounts.permissions import ProjectRole
from projects.services.collaborators import change_role, leave_project, remove_collaborator
from projects.services.projects import change_slug
from tests.support.clock import set_clock
from tests.support.pages import own_queries, queries
from tests.usage.helpers.event_client import of_user, results, rfc_3339
from tests.world import World, external

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("removed", ["external", "project_member"])
def test_a_project_that_was_called_otherwise_then_is_found(
    world: World, secret: str, monkeypatch: pytest.MonkeyPatch, removed: str
) -> None:
    actor, person = Actor.of_user(world.owner), getattr(world, removed)
    time = rfc_3339(timezone.now())
    if removed == "external":
        remove_collaborator(actor=actor, collaborator=world.external_row)
    else:
        member = world.organization.memberships.get(user=person)
        remove_member(actor=actor, membership=member)
    change_slug(actor=actor, project=world.research, slug="laboratory")
    sent = of_user(world, user_id=person.public_id, project_id=world.research.public_id, time=time)
    (result,) = results(secret, sent)
    assert (result["status"], result["reason"]) == ("accepted", "token_project")
    set_clock(monkeypatch, timezone.now() + dt.timedelta(days=1))
    (result,) = results(secret, {**sent, "id": "later", "time": rfc_3339(timezone.now())})
    assert (result["status"], result["code"]) == ("rejected", "no_access")


def test_many_externals_cost_no_query_more_than_one(world: World, secret: str) -> None:
    people = [external(world.research, f"person{n}@many.example").user for n in range(5)]
    counts: list[list[str]] = []
    for number in (len(people), 1, len(people)):  # the first makes what all of them need
        events = [
            of_user(
                world,
                id=f"{len(counts)}-{one.pk}",
                user_id=one.public_id,
                project_id=world.research.public_id,
            )
            for one in people[:number]
        ]
        with queries() as captured:
            assert {one["status"] for one in results(secret, *events)} == {"accepted"}
        counts.append([one for one in own_queries(captured) if "SELECT" in one])
    assert len(counts[1]) == len(counts[2])


@pytest.mark.parametrize("person", ["external", "project_member"])
@pytest.mark.parametrize(
    "ending", ["removed", "left", "renamed", "deleted", "came back", "other role"]
)
def test_late_usage_lands_where_it_belonged(
    world: World, secret: str, monkeypatch: pytest.MonkeyPatch, person: str, ending: str
) -> None:
    user = getattr(world, person)
    used_at = timezone.now()
    set_clock(monkeypatch, used_at + dt.timedelta(days=3))
    end_access(world, person, ending)
    set_clock(monkeypatch, used_at + dt.timedelta(days=10))
    event = of_user(
        world,
        user_id=user.public_id,
        project_id=world.research.public_id,
        time=rfc_3339(used_at + dt.timedelta(days=2)),
    )
    (result,) = results(secret, event)
    assert (result["status"], result["project_id"]) == ("accepted", world.research.public_id)
    if ending not in ("came back", "other role"):
        late = {**event, "id": "late", "time": rfc_3339(used_at + dt.timedelta(days=4))}
        (result,) = results(secret, late)
        assert (result["status"], result["code"]) == ("rejected", "no_access")


def end_access(world: World, person: str, ending: str) -> None:
    """Ends the access of `world.<person>` to `research`, and what else happens to them then or later."""
    user, row = getattr(world, person), getattr(world, f"{person}_row")
    if ending == "left":
        leave_project(actor=Actor.of_user(user), project=world.research)
    elif ending == "deleted":
        delete_account(actor=Actor.of_user(user))
    elif ending == "other role":
        change_role(actor=Actor.of_user(world.owner), collaborator=row, role=ProjectRole.ADMIN)
    else:
        remove_collaborator(actor=Actor.of_user(world.owner), collaborator=row)
    if ending == "renamed":
        user.email = f"another-{user.email}"
        user.save(update_fields=["email"])
    if ending == "came back":
        membership = world.organization.memberships.filter(user=user).first()
        world.research.collaborators.create(user=user, membership=membership)
