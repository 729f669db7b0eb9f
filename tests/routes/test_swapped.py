"""One id of an address swapped at a time: another tenant's is answered like one that never was."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import reverse

from tests.routes.account_table import ACCOUNT_ROW, ACCOUNT_TOKEN_ROW
from tests.routes.answers import Answer
from tests.routes.budget_table import BUDGET_ROW, PROJECT_BUDGET_ROW
from tests.routes.lines import PEOPLE, Line
from tests.routes.people_table import PERSON_PAGE
from tests.routes.scene import (
    UNKNOWN_ACCOUNT,
    UNKNOWN_ACCOUNT_TOKEN,
    UNKNOWN_ADMIN_KEY,
    UNKNOWN_BUDGET,
    UNKNOWN_INVITATION,
    UNKNOWN_KEY,
    UNKNOWN_REQUEST,
    UNKNOWN_ROW,
    UNKNOWN_SLUG,
    UNKNOWN_TOKEN,
    UNKNOWN_USER,
    Scene,
)
from tests.routes.table import (
    ADMIN_KEY_ROW,
    INVITATION,
    KEY_ROW,
    MEMBER_INVITATION,
    MEMBER_ROW,
    OF_ORGANIZATION,
    PROJECT,
    REQUEST_ROW,
    ROW,
    TOKEN_ROW,
)

pytestmark = pytest.mark.django_db
METHODS = ("GET", "POST")
# Who has no part in Contoso; `stranger` is its Owner, and looks at Northwind instead.
NOT_IN_CONTOSO = (*PEOPLE, "former", "staff", "anonymous")
ALL_LINES = {
    **OF_ORGANIZATION,
    **PROJECT,
    **ROW,
    **INVITATION,
    **KEY_ROW,
    **ACCOUNT_ROW,
    **ACCOUNT_TOKEN_ROW,
    **PROJECT_BUDGET_ROW,
}
# They may act on the accounts that they created.
MANAGING_THEIR_OWN = {("external_admin", name) for name in (*ACCOUNT_ROW, *ACCOUNT_TOKEN_ROW)}
REFERRING = [
    *ROW,
    *INVITATION,
    *KEY_ROW,
    *MEMBER_ROW,
    *MEMBER_INVITATION,
    *TOKEN_ROW,
    *REQUEST_ROW,
    *PERSON_PAGE,
    *ADMIN_KEY_ROW,
    *ACCOUNT_ROW,
    *ACCOUNT_TOKEN_ROW,
    *BUDGET_ROW,
    *PROJECT_BUDGET_ROW,
]


@pytest.fixture
def scene() -> Scene:
    return Scene()


def reference_of(scene: Scene, name: str) -> dict[str, str]:
    """The row of ours that the address names, if it names one."""
    world = scene.world
    references = {
        **dict.fromkeys(ROW, world.project_member_row.public_id),
        **dict.fromkeys(INVITATION, world.invitation.public_id),
        **dict.fromkeys(KEY_ROW, world.key.public_id),
        **dict.fromkeys((*MEMBER_ROW, *PERSON_PAGE), world.member.public_id),
        **dict.fromkeys(MEMBER_INVITATION, world.member_invitation.public_id),
        **dict.fromkeys(TOKEN_ROW, scene.token.public_id),
        **dict.fromkeys(REQUEST_ROW, world.support_request.public_id),
        **dict.fromkeys(ADMIN_KEY_ROW, scene.admin_key.public_id),
        **dict.fromkeys(ACCOUNT_ROW, scene.account.public_id),
        **dict.fromkeys(ACCOUNT_TOKEN_ROW, scene.account_token.public_id),
        **dict.fromkeys(BUDGET_ROW, scene.budget.public_id),
        **dict.fromkeys(PROJECT_BUDGET_ROW, scene.project_budget.public_id),
    }
    return {"reference": references[name]} if name in references else {}


def slug_of(scene: Scene, name: str) -> str:
    """Of ours that the address stands below."""
    world = scene.world
    return world.organization.slug if name in OF_ORGANIZATION else world.research.slug


def elsewhere(scene: Scene, name: str) -> tuple[list[str], str]:
    """Rows of that kind that are not below that place, and an id that never was."""
    world = scene.world
    if name in ROW:
        return [
            world.other_row.public_id,
            world.other_external_row.public_id,
            scene.production_row,
        ], UNKNOWN_ROW
    if name in KEY_ROW:
        default = world.default.api_keys.default_key()
        return [world.other_key.public_id, scene.production_key, default.public_id], UNKNOWN_KEY
    simple: dict[str, tuple[list[Any], str]] = {
        **dict.fromkeys(
            ACCOUNT_ROW, ([scene.other_account, scene.production_account], UNKNOWN_ACCOUNT)
        ),
        **dict.fromkeys(ACCOUNT_TOKEN_ROW, ([scene.other_account_token], UNKNOWN_ACCOUNT_TOKEN)),
        **dict.fromkeys(ADMIN_KEY_ROW, ([scene.other_admin_key], UNKNOWN_ADMIN_KEY)),
        **dict.fromkeys(TOKEN_ROW, ([scene.other_token], UNKNOWN_TOKEN)),
        **dict.fromkeys(REQUEST_ROW, ([world.other_support_request], UNKNOWN_REQUEST)),
        **dict.fromkeys(BUDGET_ROW, ([scene.other_budget, scene.project_budget], UNKNOWN_BUDGET)),
        **dict.fromkeys(
            PROJECT_BUDGET_ROW,
            ([scene.other_project_budget, scene.production_budget, scene.budget], UNKNOWN_BUDGET),
        ),
    }
    if name in simple:
        return [row.public_id for row in simple[name][0]], simple[name][1]
    if name in PERSON_PAGE or name in MEMBER_ROW:
        outside = world.other_external if name in PERSON_PAGE else world.external
        people = (world.other_member, world.stranger, outside, world.former, world.staff)
        return [user.public_id for user in people], UNKNOWN_USER
    to_us = world.invitation if name in MEMBER_INVITATION else world.member_invitation
    invitations = (world.other_invitation, world.other_member_invitation, to_us)
    found = [one.public_id for one in invitations]
    return [*found, *([] if name in MEMBER_INVITATION else [scene.production_invitation])], (
        UNKNOWN_INVITATION
    )


def compared(
    scene: Scene,
    person: str,
    name: str,
    line: Line,
    *,
    others: dict[str, str],
    unknown: dict[str, str],
) -> Iterator[str]:
    """What differs between the answers to `others` and to `unknown`, or changes a row.

    The 404 of nowhere stands in for that of the unknown one, but for the first person.
    """
    for method in METHODS:
        data = line.data if method == "POST" else None
        first = scene.ask(person, method, name, others, data)
        if person != NOT_IN_CONTOSO[0] and first == scene.answer_of_nowhere(person, method):
            second = first
        else:
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
    theirs = (world.other_organization if name in OF_ORGANIZATION else world.other_project).slug
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
    ours = slug_of(scene, name)
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
    """Below what is one's own: a row of another tenant's, and of elsewhere in one's own."""
    references, unknown = elsewhere(scene, name)
    return [
        problem
        for person in PEOPLE
        for method in METHODS
        for problem in row_problems(
            scene, person, method, name, references=references, unknown=unknown
        )
    ]


@pytest.mark.parametrize("name", REFERRING)
def test_a_row_of_elsewhere_is_answered_like_an_unknown_one(scene: Scene, name: str) -> None:
    assert wrong_with_a_row_of_elsewhere(scene, name) == []


def row_problems(
    scene: Scene,
    person: str,
    method: str,
    name: str,
    *,
    references: list[str],
    unknown: str,
) -> Iterator[str]:
    line, slug = ALL_LINES[name], slug_of(scene, name)
    data = line.data if method == "POST" else None
    own = line.expected(method, person)
    # Whoever may act on their own rows finds none here; the others may not act at all.
    may_act = own in (200, 302, 409) or (own == 403 and (person, name) in MANAGING_THEIR_OWN)
    expected = 404 if may_act else own
    to_unknown = scene.ask(person, method, name, {"slug": slug, "reference": unknown}, data)
    for reference in references:
        answer = scene.ask(person, method, name, {"slug": slug, "reference": reference}, data)
        changed = answer.changed or to_unknown.changed
        if answer != to_unknown or answer.status != expected or changed:
            yield (
                f"{person} {method} {name} {reference}: {answer.status} and {to_unknown.status},"
                f" not {expected}; changed {answer.changed} {to_unknown.changed}"
            )


@pytest.mark.parametrize("name", REFERRING)
def test_an_id_of_the_wrong_kind_is_not_found(scene: Scene, name: str) -> None:
    world = scene.world
    wrong: list[str] = []
    for reference in (
        world.research.public_id,
        world.staff.public_id,
        "x_1",
        "collab_" + "z" * 120,
    ):
        kwargs = {"slug": slug_of(scene, name), "reference": reference}
        for method in METHODS:
            answer = scene.ask("owner", method, name, kwargs, ALL_LINES[name].data)
            if answer.status != ALL_LINES[name].expected_of_outsiders(method) or answer.changed:
                wrong.append((method, reference, answer.status))
    assert wrong == []


def test_the_404_of_an_unknown_address_is_the_same_page_too(scene: Scene) -> None:
    """Byte for byte: not yours, not there, and no such route."""
    caller = scene.caller("owner")
    theirs = caller.send("GET", f"/settings/projects/{scene.world.other_project.slug}/")
    assert theirs.status == 404
    for path in ("/settings/projects/Not-A-Slug/", "/nothing/at/all/", "/settings/projects/x_y/"):
        assert caller.send("GET", path) == theirs
