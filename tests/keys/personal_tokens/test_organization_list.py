"""Who has access tokens for an organization and its projects: its Owner and Admins see and revoke them."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.actors import Actor
from accounts.enums import Action, OrganizationState
from accounts.models import AuditEvent
from keys.personal_tokens.services import revoke_own_token
from tests.keys.helpers.api_client import call
from tests.keys.helpers.personal_tokens import made
from tests.support.mail import mailed, mailed_to
from tests.support.pages import own_queries, queries, signed_in, words
from tests.world import World

pytestmark = pytest.mark.django_db


def page(world: World, query: str = "") -> Any:
    return signed_in(world.admin).get(address(world) + query)


def address(world: World) -> str:
    return reverse("organization_tokens", args=[world.organization.slug])


def revoking(world: World, reference: str) -> str:
    return reverse("organization_token_revoke", args=[world.organization.slug, reference])


def test_it_lists_who_has_a_token_for_the_organization_or_a_project(world: World) -> None:
    made(world.member, world.organization, "report")
    made(world.external, world.research, "consulting")
    made(world.other_member, world.other_organization, "rockets")
    home = world.external.home_organization
    assert home
    made(world.external, home, "their own affair")
    gone = made(world.member, world.default, "revoked already").token
    revoke_own_token(actor=Actor.of_user(world.member), token=gone)
    text = words(page(world))
    for part in ("member@northwind.example", "report", "The organization", "2 tokens"):
        assert part in text
    for part in ("external@partner.example", "consulting", "Research"):
        assert part in text
    for part in ("rockets", "their own affair", "revoked already"):
        assert part not in text


@pytest.mark.parametrize("q", ["Project.Member", "project.member@", "nightly", "ut_"])
def test_it_is_filtered_by_person_name_and_hint(world: World, q: str) -> None:
    made(world.project_member, world.research)
    made(world.owner, world.production, "weekly")
    everybody, found = page(world), page(world, f"?q={q}")
    assert (everybody.context["total"], found.context["total"]) == (2, 2 if q == "ut_" else 1)
    assert "project.member@northwind.example nightly" in words(found)


def test_nothing_found_is_said(world: World) -> None:
    assert "No one has a token for Northwind" in words(page(world))
    made(world.project_member, world.research)
    assert "matches this filter" in words(page(world, "?q=nobody-of-that-name"))
    assert page(world, "?q=%00").status_code == 200


def test_1_and_30_cost_the_same_queries_and_51_have_a_second_page(world: World) -> None:
    def cost() -> int:
        with queries() as captured:
            assert browser.get(address(world)).status_code == 200
        return len(own_queries(captured))

    browser = signed_in(world.admin)
    made(world.member, world.default, "first of all")
    browser.get(address(world))
    few = cost()
    for number in range(29):
        made(world.project_member, world.organization, f"token {number}")
    assert cost() == few
    for number in range(21):
        made(world.owner, world.organization, f"token {number}")
    first = browser.get(address(world))
    assert "first of all" not in words(first)
    assert "first of all" in words(browser.get(address(world) + first.context["page"].next_url))


def test_an_admin_revokes_a_token_and_its_owner_gets_an_email(world: World) -> None:
    issued = made(world.external, world.research, "consulting")
    browser, where = signed_in(world.admin), revoking(world, issued.token.public_id)
    assert "is notified by email" in words(browser.get(where))
    assert browser.post(where)["Location"] == address(world)
    assert "consulting of External was revoked." in words(browser.get(address(world)))
    assert call("/v3/whoami", issued.secret).status_code == 401
    [mail] = [sent for sent in mailed_to("external@partner.example") if "revoked" in sent.subject]
    assert mail.subject == "Your access token consulting was revoked"
    assert "Admin (admin@northwind.example) revoked your access token" in mail.body
    assert "consulting for Research of Northwind" in mail.body
    assert issued.secret not in mail.body
    assert browser.post(where).status_code == 409
    event = AuditEvent.objects.get(act=Action.TOKEN_REVOKED)
    assert (event.actor, event.target_name) == (
        world.admin,
        "consulting of external@partner.example",
    )


def test_revoking_your_own_token_sends_no_email(world: World) -> None:
    issued = made(world.admin, world.organization)
    signed_in(world.admin).post(revoking(world, issued.token.public_id))
    assert not [sent for sent in mailed() if "revoked" in sent.subject]
    assert call("/v3/whoami", issued.secret).status_code == 401


def test_one_for_elsewhere_is_not_there(world: World) -> None:
    home = world.external.home_organization
    assert home
    for token in (
        made(world.external, home).token,
        made(world.other_member, world.other_project).token,
    ):
        answer = signed_in(world.owner).post(revoking(world, token.public_id))
        assert answer.status_code == 404
        token.refresh_from_db()
        assert token.revoked_at is None


def test_in_a_suspended_organization_they_are_seen_and_stay(world: World) -> None:
    issued = made(world.member, world.default)
    world.organization.change_state(OrganizationState.SUSPENDED, "Unpaid.")
    text = page(world)
    assert "nightly" in words(text)
    assert "/revoke/" not in text.content.decode()
    answer = signed_in(world.owner).post(revoking(world, issued.token.public_id))
    assert answer.status_code == 403


def test_removing_someone_says_how_many_end(world: World) -> None:
    for name in ("one", "two"):
        made(world.project_member, world.research, name)
    home = world.project_member.memberships.get(organization=world.organization)
    where = reverse("member_remove", args=[world.organization.slug, home.user.public_id])
    text = words(signed_in(world.owner).get(where))
    assert "2 access tokens for Northwind or its projects (revoked)" in text
