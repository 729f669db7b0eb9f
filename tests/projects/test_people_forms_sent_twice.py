"""Forms about people and support, sent twice: they do once what they do, and lead to the same page."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Invitation, OutgoingMail, SupportRequest
from projects.models import Collaborator
from tests.projects.test_sent_twice import SENT_BEFORE, open_form
from tests.support.pages import signed_in, words
from tests.world import World

pytestmark = pytest.mark.django_db
MEMBER, NEW = "member@northwind.example", "fresh@elsewhere.example"


def forms(world: World) -> dict[str, tuple[str, dict[str, str], Any]]:
    slug, project = world.organization.slug, world.research.slug
    world.support_request.delete()
    return {
        "invite": (
            reverse("member_invite", args=[slug]),
            {"emails": f"{NEW} other@elsewhere.example", "role": "member"},
            Invitation.objects,
        ),
        "add member": (
            reverse("collaborator_add", args=[project]),
            {"email": MEMBER, "role": "member"},
            Collaborator.objects,
        ),
        "add external": (
            reverse("collaborator_add", args=[project]),
            {"email": f"{NEW} {MEMBER}", "role": "member"},
            Invitation.objects,
        ),
        "request": (
            reverse("project_request", args=[slug]),
            {"reason": "Two more teams.", "requested_limit": "7"},
            SupportRequest.objects,
        ),
    }


def send(browser: Client, path: str, data: dict[str, str], token: str) -> Any:
    return browser.post(path, {**data, "form_token": token})


@pytest.mark.parametrize("name", ["invite", "add member", "add external", "request"])
def test_the_second_time_leads_to_what_the_first_did(world: World, name: str) -> None:
    path, data, rows = forms(world)[name]
    browser, before = signed_in(world.owner), rows.count()
    token = open_form(browser, path)
    first = send(browser, path, data, token)
    counted, mails = rows.count(), OutgoingMail.objects.count()
    second = send(browser, path, data, token)
    assert first.status_code == second.status_code == 302
    assert second["Location"] == first["Location"]
    assert rows.count() == counted > before
    assert OutgoingMail.objects.count() == mails
    assert SENT_BEFORE in words(browser.get(second["Location"]))


@pytest.mark.parametrize("name", ["invite", "add external"])
def test_refused_addresses_can_be_corrected_and_sent_again(world: World, name: str) -> None:
    path, data, rows = forms(world)[name]
    field = "emails" if name == "invite" else "email"
    browser, before = signed_in(world.owner), rows.count()
    token = open_form(browser, path)
    taken = world.project_member.email
    partly = send(browser, path, {**data, field: f"{NEW} {taken}"}, token)
    assert partly.status_code in (409, 422)
    assert rows.count() == before + 1
    page = partly.content.decode()
    assert partly.context["form"][field].value() == taken
    renewed = str(partly.context["form"]["form_token"].value())
    assert renewed != token
    assert f'value="{renewed}"' in page
    answer = send(browser, path, {**data, field: "corrected@elsewhere.example"}, renewed)
    assert answer.status_code == 302
    assert rows.count() == before + 2
    # The first form, taken back from the browser's history, has done what it could.
    again = send(browser, path, {**data, field: f"{NEW} {taken}"}, token)
    assert again.status_code == 302
    assert rows.count() == before + 2


def test_fifty_people_are_invited_once(world: World) -> None:
    path, data, rows = forms(world)["invite"]
    emails = " ".join(f"person{number}@elsewhere.example" for number in range(50))
    browser, before = signed_in(world.owner), rows.count()
    token = open_form(browser, path)
    first = send(browser, path, {**data, "emails": emails}, token)
    second = send(browser, path, {**data, "emails": emails}, token)
    assert rows.count() == before + 50
    assert second["Location"] == first["Location"].partition("?")[0]


def test_an_invitation_form_that_invited_no_one_can_be_sent_again(world: World) -> None:
    browser, path = signed_in(world.owner), reverse("member_invite", args=[world.organization.slug])
    token, data = open_form(browser, path), {"emails": MEMBER, "role": "member"}
    assert send(browser, path, data, token).status_code == 422
    world.organization.memberships.get(user=world.member).delete()
    assert send(browser, path, data, token).status_code == 302
    assert Invitation.objects.pending().filter(email=MEMBER).count() == 1
