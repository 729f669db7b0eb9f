"""In a suspended organization everything can be read and nothing changed; whoever is in may go."""

from collections.abc import Iterator

import pytest

from accounts.enums import OrganizationState
from accounts.permissions import LEAVE_PERMISSIONS, READ_PERMISSIONS
from tests.routes.scene import Scene
from tests.routes.test_own import PLACES, places
from tests.routes.urlconf import all_routes

pytestmark = pytest.mark.django_db
ACCESS_CONTROLS = {
    route.name: getattr(route.view, "access_control", None) for route in all_routes()
}


@pytest.fixture
def scene() -> Scene:
    scene = Scene()
    scene.world.organization.change_state(OrganizationState.SUSPENDED, "Unpaid.")
    return scene


def wrong_answers(scene: Scene, place: str, person: str) -> Iterator[str]:
    table, kwargs = places(scene)[place]
    for name, line in table.items():
        control = ACCESS_CONTROLS[name]
        assert control is not None
        seen = scene.ask(person, "GET", name, kwargs)
        expected = line.expected("GET", person)
        if expected == 200 and seen.status != 200 and control.permission in READ_PERMISSIONS:
            yield f"GET {name}: {seen.status}"
        if line.expected("POST", person) == 405 or control.permission in LEAVE_PERMISSIONS:
            continue
        answer = scene.ask(person, "POST", name, kwargs, line.data)
        if answer.status not in (403, 404) or answer.changed:
            yield f"POST {name}: {answer.status} {answer.changed}"


@pytest.mark.parametrize("person", ["owner", "project_admin"])
@pytest.mark.parametrize("place", PLACES)
def test_nothing_can_be_changed(scene: Scene, place: str, person: str) -> None:
    assert list(wrong_answers(scene, place, person)) == []


def test_someone_who_is_in_may_go(scene: Scene) -> None:
    slug = {"slug": scene.world.production.slug}
    answer = scene.ask("project_member", "POST", "collaborators_leave", slug)
    assert (answer.status, "projects.Collaborator" in answer.changed) == (302, True)
