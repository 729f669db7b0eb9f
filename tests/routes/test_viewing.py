"""While support views as a member: the member's reads, no act, and no other organization."""

from collections.abc import Iterator

import pytest
from django.test import Client
from django.urls import resolve, reverse

from accounts.actors import Actor
from accounts.support.services.viewing import VIEW_AS, start_view
from tests.routes.answers import Caller
from tests.routes.own_table import OWN
from tests.routes.scene import Scene
from tests.routes.table import ORGANIZATION, PROJECT
from tests.routes.test_own import PLACES, places

pytestmark = pytest.mark.django_db


@pytest.fixture
def scene() -> Scene:
    return Scene()


def viewer(scene: Scene, person: str) -> Caller:
    """The staff person's browser, viewing as somebody of Northwind."""
    world = scene.world
    membership = world.organization.memberships.get(user=getattr(world, person))
    view = start_view(actor=Actor.of_user(world.staff), membership=membership, reason="A question.")
    caller, client = Caller(world.staff), Client()
    client.cookies.load(caller.cookies)
    session = client.session
    session[VIEW_AS] = view.public_id
    session.save()
    return caller


def wrong_answers(scene: Scene, place: str, person: str) -> Iterator[str]:
    table, kwargs = places(scene)[place]
    caller, own = viewer(scene, person), scene.caller(person)
    for name, line in table.items():
        path = reverse(name, kwargs=kwargs)
        seen, theirs = caller.send("GET", path), own.send("GET", path)
        if (seen.status, seen.location) != (theirs.status, theirs.location) or seen.changed:
            yield f"GET {name}: {seen.status} {seen.location}, not {theirs.status} {seen.changed}"
        answer = caller.send("POST", path, line.data)
        # A page without a form refuses the method before it asks who is there.
        refusals = (403,) if "POST" in resolve(path).func.methods else (405,)
        if answer.status not in refusals or answer.changed:
            yield f"POST {name}: {answer.status} {answer.changed}"


@pytest.mark.parametrize("person", ["member", "project_member"])
@pytest.mark.parametrize("place", PLACES)
def test_the_member_s_reads_and_no_act(scene: Scene, place: str, person: str) -> None:
    assert list(wrong_answers(scene, place, person)) == []


@pytest.mark.parametrize("table", [ORGANIZATION, PROJECT])
def test_another_organization_is_not_there(scene: Scene, table: dict[str, object]) -> None:
    world, caller = scene.world, viewer(scene, "member")
    other = world.other_organization if table is ORGANIZATION else world.other_project
    unknown = caller.send("GET", reverse("project", args=["no-such-thing"]))
    assert unknown == caller.send("GET", "/nothing/at/all/")
    wrong = [
        name for name in table if caller.send("GET", reverse(name, args=[other.slug])) != unknown
    ]
    assert wrong == []


def test_pages_of_oneself_stay_the_staff_persons(scene: Scene) -> None:
    caller, own = viewer(scene, "member"), Caller(scene.world.staff)
    for name in set(OWN) - {"home", "organizations"}:
        path = reverse(name)
        assert caller.send("GET", path).status == own.send("GET", path).status
