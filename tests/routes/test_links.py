"""The addresses of an invitation: by secret link for everybody, by id for the person invited alone."""

from collections.abc import Iterator

import pytest
from django.urls import reverse

from accounts.models.invitation import Link
from tests.routes.answers import Caller, sign_in_address
from tests.routes.lines import OUTSIDERS, PEOPLE
from tests.routes.scene import UNKNOWN_INVITATION, Scene
from tests.world import person

pytestmark = pytest.mark.django_db
NAMES = ("invitation", "invitation_accept", "invitation_decline")
EVERYBODY_ELSE = (*PEOPLE, *OUTSIDERS, "anonymous")
# (GET, POST) of whoever was not invited; None stands for the way to the sign-in page.
MAILED = {
    "invitation": {"signed in": (200, 405), "anonymous": (200, 405)},
    "invitation_accept": {"signed in": (302, 403), "anonymous": (302, None)},
    "invitation_decline": {"signed in": (200, 200), "anonymous": (200, 200)},
}
COPIED = {
    **MAILED,
    # Only the mailed link shows that its holder reads the address.
    "invitation_decline": {"signed in": (403, 403), "anonymous": (None, None)},
}
INVITED = {
    "invitation": (200, 405),
    "invitation_accept": (302, 302),
    "invitation_decline": (200, 200),
}


@pytest.fixture
def scene() -> Scene:
    return Scene()


@pytest.fixture
def invited(scene: Scene) -> Caller:
    return Caller(person(scene.world.invitation.email))


def wrong_answers(
    scene: Scene, link: Link, table: dict[str, dict[str, tuple[int | None, int | None]]]
) -> Iterator[str]:
    reference = scene.world.invitation.token(link)
    for name, columns in table.items():
        path = reverse(name, args=[reference])
        for who in EVERYBODY_ELSE:
            cells = columns["anonymous" if who == "anonymous" else "signed in"]
            for method, status in zip(("GET", "POST"), cells, strict=True):
                answer = scene.caller(who).send(method, path)
                if answer.status != (status or 302):
                    yield f"{who} {method} {name}: {answer.status}, not {status or 302}"
                if status is None and answer.location != sign_in_address(path):
                    yield f"{who} {method} {name} leads to {answer.location}"
                went_through = (method, name, status) == ("POST", "invitation_decline", 200)
                if answer.changed and not went_through:
                    yield f"{who} {method} {name} changed {answer.changed}"


@pytest.mark.parametrize(("link", "table"), [(Link.MAILED, MAILED), (Link.COPIED, COPIED)])
def test_with_a_link_but_another_address_no_one_gets_in(
    scene: Scene, link: Link, table: dict[str, dict[str, tuple[int | None, int | None]]]
) -> None:
    assert list(wrong_answers(scene, link, table)) == []


@pytest.mark.parametrize("kind", ["mailed", "copied", "by id"])
def test_the_person_invited_may_answer(scene: Scene, invited: Caller, kind: str) -> None:
    invitation = scene.world.invitation
    reference = invitation.public_id if kind == "by id" else invitation.token(Link(kind))
    for name, statuses in INVITED.items():
        path = reverse(name, args=[reference])
        for method, status in zip(("GET", "POST"), statuses, strict=True):
            answer = invited.send(method, path)
            assert answer.status == status, (method, name)
            assert bool(answer.changed) == (method == "POST" and status < 400), (method, name)


def test_accepting_leads_into_the_project(scene: Scene, invited: Caller) -> None:
    path = reverse("invitation_accept", args=[scene.world.invitation.token(Link.MAILED)])
    research = scene.world.research
    assert invited.send("POST", path).location == reverse("project", args=[research.slug])


def wrong_with_their_id(scene: Scene, name: str) -> list[str]:
    """What somebody else's invitation gives that an unknown one does not.

    By id; for the inviter's own people too, who see it in the project's list and nowhere else.
    """
    world = scene.world
    wrong: list[str] = []
    if "invited" not in scene.callers:
        scene.callers["invited"] = Caller(person(world.invitation.email))
    callers = {who: scene.caller(who) for who in (*EVERYBODY_ELSE, "invited")}
    for who, caller in callers.items():
        ids = [world.other_invitation.public_id, world.other_member_invitation.public_id]
        ids += [] if who == "invited" else [world.invitation.public_id]
        for method in ("GET", "POST"):
            unknown = caller.send(method, reverse(name, args=[UNKNOWN_INVITATION]))
            refused = (method, name) == ("POST", "invitation")
            if unknown.status != (405 if refused else 404):
                wrong.append(f"{who} {method} {name} unknown: {unknown.status}")
            for one in ids:
                answer = caller.send(method, reverse(name, args=[one]))
                if answer != unknown or answer.changed:
                    wrong.append(f"{who} {method} {name} {one}: {answer.status}")
    return wrong


@pytest.mark.parametrize("name", NAMES)
def test_someone_elses_invitation_is_answered_like_an_unknown_one(scene: Scene, name: str) -> None:
    assert wrong_with_their_id(scene, name) == []


@pytest.mark.parametrize("name", NAMES)
def test_a_changed_token_is_answered_like_an_unknown_id(scene: Scene, name: str) -> None:
    token = scene.world.invitation.token(Link.MAILED)
    swapped = token[:10] + ("0" if token[10] != "0" else "1") + token[11:]
    for caller in (scene.caller("owner"), scene.caller("anonymous")):
        unknown = caller.send("GET", reverse(name, args=[UNKNOWN_INVITATION]))
        for reference in (
            swapped,
            token[:-1],
            token.upper().replace("INV_", "inv_"),
            "inv_" + "0" * 69,
        ):
            assert caller.send("GET", reverse(name, args=[reference])) == unknown
