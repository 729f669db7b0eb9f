"""One id of an address swapped at a time: another tenant's is answered like one that never was."""

from collections.abc import Iterator

import pytest
from django.urls import reverse

from tests.routes.answers import Answer
from tests.routes.scene import UNKNOWN_INVITATION, UNKNOWN_ROW, UNKNOWN_SLUG, Scene
from tests.routes.table import INVITATION, ORGANIZATION, PEOPLE, PROJECT, ROW, Line

pytestmark = pytest.mark.django_db
METHODS = ("GET", "POST")
# Who has no part in Contoso; `stranger` is its Owner, and looks at Northwind instead.
NOT_IN_CONTOSO = (*PEOPLE, "former", "staff", "anonymous")
ALL_LINES = {**ORGANIZATION, **PROJECT, **ROW, **INVITATION}


@pytest.fixture
def scene() -> Scene:
    return Scene()


def reference_of(scene: Scene, name: str) -> dict[str, str]:
    world = scene.world
    if name in ROW:
        return {"reference": world.project_member_row.public_id}
    return {"reference": world.invitation.public_id} if name in INVITATION else {}


def compared(
    scene: Scene,
    person: str,
    name: str,
    line: Line,
    *,
    others: dict[str, str],
    unknown: dict[str, str],
) -> Iterator[str]:
    """What differs between the answers to `others` and to `unknown`, or changes a row."""
    for method in METHODS:
        data = line.data if method == "POST" else None
        first = scene.ask(person, method, name, others, data)
        second = scene.ask(person, method, name, unknown, data)
        if first.changed or second.changed:
            yield f"{person} {method} {name} changed {first.changed} {second.changed}"
        if person == "anonymous":
            yield from anonymous_answers(method, name, line, first, reverse(name, kwargs=others))
            yield from anonymous_answers(method, name, line, second, reverse(name, kwargs=unknown))
            continue
        if first != second:
            yield f"{person} {method} {name} differs: {first.status} {second.status}"
        expected = line.expected_of_outsiders(method)
        if first.status != expected:
            yield f"{person} {method} {name}: {first.status}, not {expected}"


def anonymous_answers(
    method: str, name: str, line: Line, answer: Answer, path: str
) -> Iterator[str]:
    if method == "POST" and line.expected_of_outsiders("POST") == 405:
        expected = (405, "")
    else:
        expected = (302, f"/accounts/login/?next={path}")
    if (answer.status, answer.location) != expected:
        yield f"anonymous {method} {name}: {answer.status} {answer.location}"


def wrong_with_their_slug(scene: Scene, name: str) -> list[str]:
    """What somebody without a part in the tenant gets that an unknown slug does not give."""
    world, line = scene.world, ALL_LINES[name]
    theirs = (world.other_organization if name in ORGANIZATION else world.other_project).slug
    rest = reference_of(scene, name)
    wrong = [
        problem
        for person in NOT_IN_CONTOSO
        for problem in compared(
            scene,
            person,
            name,
            line,
            others={**rest, "slug": theirs},
            unknown={**rest, "slug": UNKNOWN_SLUG},
        )
    ]
    ours = (world.organization if name in ORGANIZATION else world.research).slug
    wrong += compared(
        scene,
        "stranger",
        name,
        line,
        others={**rest, "slug": ours},
        unknown={**rest, "slug": UNKNOWN_SLUG},
    )
    return wrong


@pytest.mark.parametrize("name", ALL_LINES)
def test_another_tenants_slug_is_answered_like_an_unknown_one(scene: Scene, name: str) -> None:
    assert wrong_with_their_slug(scene, name) == []


def wrong_with_a_row_of_elsewhere(scene: Scene, name: str) -> list[str]:
    """Below one's own project: a row of another tenant's, and of another project of one's own."""
    world, line = scene.world, {**ROW, **INVITATION}[name]
    if name in ROW:
        elsewhere = (world.other_row.public_id, scene.production_row)
        unknown = UNKNOWN_ROW
    else:
        elsewhere = (
            world.other_invitation.public_id,
            world.member_invitation.public_id,
            world.other_member_invitation.public_id,
            scene.production_invitation,
        )
        unknown = UNKNOWN_INVITATION
    wrong: list[str] = []
    for reference in elsewhere:
        for person in PEOPLE:
            for method in METHODS:
                wrong += row_problems(
                    scene,
                    person=person,
                    method=method,
                    name=name,
                    line=line,
                    reference=reference,
                    unknown=unknown,
                )
    return wrong


@pytest.mark.parametrize("name", [*ROW, *INVITATION])
def test_a_row_of_elsewhere_is_answered_like_an_unknown_one(scene: Scene, name: str) -> None:
    assert wrong_with_a_row_of_elsewhere(scene, name) == []


def row_problems(
    scene: Scene, *, person: str, method: str, name: str, line: Line, reference: str, unknown: str
) -> Iterator[str]:
    slug = scene.world.research.slug
    data = line.data if method == "POST" else None
    first = scene.ask(person, method, name, {"slug": slug, "reference": reference}, data)
    second = scene.ask(person, method, name, {"slug": slug, "reference": unknown}, data)
    own = line.expected(method, person)
    # Whoever may act on their own rows finds none here; the others may not act at all.
    expected = 404 if own in (200, 302) else own
    if first != second or first.status != expected or first.changed or second.changed:
        yield (
            f"{person} {method} {name} {reference}: {first.status} and {second.status},"
            f" not {expected}; changed {first.changed} {second.changed}"
        )


@pytest.mark.parametrize("name", [*ROW, *INVITATION])
def test_an_id_of_the_wrong_kind_is_not_found(scene: Scene, name: str) -> None:
    world = scene.world
    wrong: list[str] = []
    for reference in (
        world.research.public_id,
        world.owner.public_id,
        "x_1",
        "collab_" + "z" * 120,
    ):
        kwargs = {"slug": world.research.slug, "reference": reference}
        for method in METHODS:
            answer = scene.ask("owner", method, name, kwargs, ALL_LINES[name].data)
            if answer.status != 404 or answer.changed:
                wrong.append((method, reference, answer.status))
    assert wrong == []


def test_the_404_of_an_address_nobody_made_is_the_same_page_too(scene: Scene) -> None:
    """Byte for byte: not yours, not there, and no such route."""
    caller = scene.caller("owner")
    theirs = caller.send("GET", f"/settings/projects/{scene.world.other_project.slug}/")
    assert theirs.status == 404
    for path in ("/settings/projects/Not-A-Slug/", "/nothing/at/all/", "/settings/projects/x_y/"):
        assert caller.send("GET", path) == theirs
