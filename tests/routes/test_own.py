"""Everybody on every route of their own organization and projects: who may do what."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from keys.api_keys.services import rotate_key, set_expiration
from tests.routes.account_table import ACCOUNT_ROW, ACCOUNT_TOKEN_ROW
from tests.routes.answers import sign_in_address
from tests.routes.budget_table import BUDGET_ROW, PROJECT_BUDGET_ROW
from tests.routes.lines import OUTSIDERS, PEOPLE, Line
from tests.routes.people_table import PERSON_PAGE, PREVIEWS
from tests.routes.scene import Scene
from tests.routes.table import (
    ADMIN_KEY_ROW,
    DEFAULT_PROJECT,
    EXTERNAL_ROW,
    INVITATION,
    KEY_ROW,
    MEMBER_INVITATION,
    MEMBER_ROW,
    OFFER,
    ORGANIZATION,
    OWNER_ROW,
    PRODUCTION,
    PROJECT,
    REQUEST_ROW,
    ROTATING_KEY_ROW,
    ROW,
    TOKEN_ROW,
)
from tests.support.clock import DAY
from tests.world import World, offered

pytestmark = pytest.mark.django_db
Table = dict[str, Line]
METHODS = ("GET", "POST")


@pytest.fixture
def scene() -> Scene:
    return Scene()


def places(scene: Scene) -> dict[str, tuple[Table, dict[str, str]]]:
    """Where in Northwind, as the arguments of the addresses."""
    world = scene.world
    northwind = {"slug": world.organization.slug}
    research = {"slug": world.research.slug}
    return {
        "organization": (ORGANIZATION, northwind),
        "offer": (OFFER, northwind),
        "project": (PROJECT, research),
        "row": (ROW, {**research, "reference": world.project_member_row.public_id}),
        "external row": (EXTERNAL_ROW, {**research, "reference": world.external_row.public_id}),
        "invitation": (INVITATION, {**research, "reference": world.invitation.public_id}),
        "key row": (KEY_ROW, {**research, "reference": world.key.public_id}),
        "rotating key row": (ROTATING_KEY_ROW, {**research, "reference": world.key.public_id}),
        "member row": (MEMBER_ROW, {**northwind, "reference": world.member.public_id}),
        "owner row": (OWNER_ROW, {**northwind, "reference": world.owner.public_id}),
        "member invitation": (
            MEMBER_INVITATION,
            {**northwind, "reference": world.member_invitation.public_id},
        ),
        "request row": (
            REQUEST_ROW,
            {**northwind, "reference": world.support_request.public_id},
        ),
        "person": (PERSON_PAGE, {**northwind, "reference": world.member.public_id}),
        "admin key row": (
            ADMIN_KEY_ROW,
            {**northwind, "reference": scene.admin_key.public_id},
        ),
        "account row": (ACCOUNT_ROW, {**research, "reference": scene.account.public_id}),
        "account token row": (
            ACCOUNT_TOKEN_ROW,
            {**research, "reference": scene.account_token.public_id},
        ),
        **budget_places(scene),
        "token row": (TOKEN_ROW, {**northwind, "reference": scene.token.public_id}),
        "default project": (DEFAULT_PROJECT, {"slug": world.default.slug}),
        "production": (PRODUCTION, {"slug": world.production.slug}),
    }


def budget_places(scene: Scene) -> dict[str, tuple[Table, dict[str, str]]]:
    own, of_project = scene.budget, scene.project_budget
    return {
        "budget row": (
            BUDGET_ROW,
            {"slug": scene.world.organization.slug, "reference": own.public_id},
        ),
        "project budget row": (
            PROJECT_BUDGET_ROW,
            {"slug": scene.world.research.slug, "reference": of_project.public_id},
        ),
    }


PLACES = (
    "organization",
    "offer",
    "project",
    "row",
    "external row",
    "invitation",
    "key row",
    "rotating key row",
    "member row",
    "owner row",
    "member invitation",
    "request row",
    "person",
    "admin key row",
    "account row",
    "account token row",
    "budget row",
    "project budget row",
    "token row",
    "default project",
    "production",
)


def prepared(scene: Scene, place: str) -> tuple[Table, dict[str, str]]:
    """The place, with what its table says is there."""
    if place == "offer":
        offered(scene.world.organization, scene.world.member)
    if place == "rotating key row":
        rotating(scene.world)
    return places(scene)[place]


def rotating(world: World) -> None:
    """The key gets an end, and a rotation that runs."""
    actor, end = Actor.of_user(world.owner), timezone.now() + 100 * DAY
    set_expiration(actor=actor, key=world.key, expires_at=end)
    rotate_key(actor=actor, key=world.key, overlap=DAY)


def wrong_answers(scene: Scene, place: str, people: tuple[str, ...]) -> Iterator[str]:
    table, kwargs = prepared(scene, place)
    for name, line in table.items():
        for person in people:
            for method in METHODS:
                data = line.data if method == "POST" else None
                answer = scene.ask(person, method, name, kwargs, data)
                if person in PEOPLE:
                    expected = line.expected(method, person)
                else:
                    expected = line.expected_of_outsiders(method)
                if answer.status != expected:
                    yield f"{person} {method} {name}: {answer.status}, not {expected}"
                went_through = method == "POST" and expected in (200, 302)
                if bool(answer.changed) is not (went_through and name not in PREVIEWS):
                    yield f"{person} {method} {name}: {expected}, and changed {answer.changed}"


@pytest.mark.parametrize("place", PLACES)
def test_people_of_the_organization_get_what_their_role_says(scene: Scene, place: str) -> None:
    assert list(wrong_answers(scene, place, PEOPLE)) == []


@pytest.mark.parametrize("place", PLACES)
def test_for_everyone_outside_there_is_nothing(scene: Scene, place: str) -> None:
    assert list(wrong_answers(scene, place, OUTSIDERS)) == []


@pytest.mark.parametrize("place", PLACES)
def test_someone_who_is_not_signed_in_is_sent_to_sign_in(scene: Scene, place: str) -> None:
    table, kwargs = prepared(scene, place)
    wrong: list[Any] = []
    for name, line in table.items():
        for method in METHODS:
            data = line.data if method == "POST" else None
            answer = scene.ask("anonymous", method, name, kwargs, data)
            refused = method == "POST" and line.expected(method, "owner") == 405
            expected = (
                (405, "") if refused else (302, sign_in_address(reverse(name, kwargs=kwargs)))
            )
            if (answer.status, answer.location) != expected or answer.changed:
                wrong.append((name, method, answer.status, answer.location, answer.changed))
    assert wrong == []


def test_the_stranger_is_the_owner_of_their_own_organization(scene: Scene) -> None:
    world = scene.world
    wrong = []
    for table, slug in (
        (ORGANIZATION, world.other_organization.slug),
        (PROJECT, world.other_project.slug),
    ):
        for name, line in table.items():
            data = {**line.data, "email": world.other_member.email}
            # That member is listed already, and `northwind` is not this one's slug.
            special = {("POST", "collaborator_add"): 409, ("POST", "organization_close"): 422}
            for method in METHODS:
                sent = data if method == "POST" else None
                answer = scene.ask("stranger", method, name, {"slug": slug}, sent)
                expected = special.get((method, name), line.expected(method, "owner"))
                if answer.status != expected:
                    wrong.append((name, method, answer.status, expected))
    assert wrong == []
