"""Search or jump to: it finds what somebody may see, and nothing else."""

from contextlib import suppress

import pytest
from django.urls import NoReverseMatch, reverse

from accounts.actors import Actor
from accounts.models import User
from accounts.support.services.support import suspend_organization
from console.operations.search_texts import refresh_search_texts
from console.web.navigation import list_views
from console.web.search.destinations import (
    ORGANIZATION_ACTIONS,
    ORGANIZATION_PAGES,
    PROJECT_ACTIONS,
    PROJECT_PAGES,
)
from keys.api_keys.services import revoke_key
from projects.services.archive import archive_project
from tests.support.pages import crowd, freshly_signed_in, own_queries, queries, signed_in, words
from tests.world import World, build_world, issued, join, listed

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build_world()


def found(user: User, text: str) -> dict[str, list[str]]:
    response = signed_in(user).get(reverse("search"), {"q": text})
    assert response.status_code == 200
    return {one.title: [r.label for r in one.results] for one in response.context["sections"]}


def test_without_a_text_it_offers_the_pages_at_hand(world: World) -> None:
    assert found(world.owner, "")["Pages"][:2] == ["Overview", "Collaborators"]


def test_it_offers_their_own_pages_below_those_of_the_side(world: World) -> None:
    assert found(world.owner, "")["Pages"][14:] == [
        "Overview",
        "External collaborators",
        "Access tokens",
        "Key policy",
        "Terminal login",
        "Sign-in rules",
        "Default Key",
        "Admin API keys",
        "Profile",
        "Security",
        "Sessions",
        "Organizations",
        "Invitations",
        "Notifications",
        "Roles",
        "Terminals",
        "Access tokens",
        "Early access",
        "Prices",
        "Help",
        "Email address",
        "Password",
    ]


def test_it_finds_pages_projects_organizations_and_people(world: World) -> None:
    assert found(world.owner, "memb")["Pages"] == ["Members"]
    assert found(world.owner, "resea")["Projects"] == ["Research"]
    assert found(world.owner, world.research.public_id)["Projects"] == ["Research"]
    assert found(world.owner, "northw")["Organizations"] == ["Northwind"]
    assert found(world.owner, "project.member@")["People"] == ["Project Member"]
    assert found(world.owner, "external@partner")["People"] == ["External"]


def test_a_page_the_person_may_not_open_is_not_offered(world: World) -> None:
    assert found(world.admin, "audit")["Pages"] == ["Audit log"]
    assert found(world.member, "audit") == {}


def test_projects_of_others_are_not_found(world: World) -> None:
    assert found(world.member, "Research") == {}
    assert found(world.external, "Production") == {}
    assert found(world.owner, "Rockets") == {}


def test_people_of_other_organizations_are_not_found(world: World) -> None:
    assert found(world.owner, "contoso") == {}
    assert found(world.stranger, "northwind.example") == {}


def test_keys_are_found_by_name_hint_and_id_in_visible_projects(world: World) -> None:
    revoked = issued(world.research, world.owner, "old-laptop").key
    revoke_key(actor=Actor.of_user(world.owner), key=revoked)
    for text in ("noteb", world.key_secret[3:7], world.key.public_id):
        assert found(world.external, text)["API keys"] == ["notebooks"]
        assert "API keys" not in found(world.member, text)
        assert "API keys" not in found(world.stranger, text) or text == "noteb"
    assert found(world.owner, "old-l")["API keys"] == ["old-laptop"]
    assert "API keys" not in found(world.owner, world.key_secret)
    assert "API keys" not in found(world.owner, "Organization Default")
    response = signed_in(world.owner).get(reverse("search"), {"q": "old-laptop"})
    [section] = response.context["sections"]
    result = section.results[0]
    assert result.note == "Research · Revoked"
    assert "old-laptop" in words(signed_in(world.owner).get(result.url))


def test_an_external_finds_the_people_of_their_project_alone(world: World) -> None:
    assert found(world.external, "Project Member")["People"] == ["Project Member"]
    assert "People" not in found(world.external, "Owner")


def test_people_who_may_not_see_addresses_find_no_one_by_address(world: World) -> None:
    assert found(world.external, "project.member@northwind") == {}
    assert found(world.external_admin, "project.member@northwind")["People"] == ["Project Member"]


def test_what_is_typed_is_shown_as_text(world: World) -> None:
    response = signed_in(world.owner).get(reverse("search"), {"q": "<b>\x00"})
    assert "&lt;b&gt;" in response.content.decode()


def test_its_queries_do_not_grow_with_what_is_found(world: World) -> None:
    browser, counts = signed_in(world.owner), []
    for number in (1, 30):
        crowd(world.research, number, f"found{number}")
        with queries() as captured:
            browser.get(reverse("search"), {"q": "Person"})
        counts.append(len(own_queries(captured)))
    assert counts[0] == counts[1] <= 11


def test_hidden_addresses_do_not_crowd_out_matches(world: World) -> None:
    crowd(world.research, 60)
    last = join(world.organization, "zed@northwind.example")
    User.objects.filter(pk=last.pk).update(name="Zed Crowd")
    listed(world.research, last)
    User.objects.filter(email__startswith="crowd").update(name="Somebody")
    refresh_search_texts(every_row=True)  # `update` does not compute them
    assert found(world.external, "crowd")["People"] == ["Zed Crowd"]
    assert len(found(world.external_admin, "crowd")["People"]) > 1


def test_pages_of_another_project_are_found_by_both_names(world: World) -> None:
    browser = signed_in(world.owner)
    browser.get(reverse("project", args=[world.research.slug]))
    response = browser.get(reverse("search"), {"q": "usage prod"})
    pages = {section.title: section.results for section in response.context["sections"]}["Pages"]
    assert [(one.label, one.url, one.note) for one in pages] == [
        ("Usage", reverse("usage", args=[world.production.slug]), "Production")
    ]
    assert "Pages" not in found(world.project_admin, "usage prod")
    assert "Pages" not in found(world.stranger, "usage prod")


def test_actions_are_offered_to_those_who_may(world: World) -> None:
    assert found(world.owner, "invite")["Actions"] == ["Invite member", "Invite from CSV"]
    assert found(world.owner, "create key")["Actions"][0] == "Create API key"
    assert "Actions" not in found(world.member, "invite")
    assert found(world.owner, "collaborator research")["Actions"] == ["Add collaborator"]
    assert "Actions" not in found(world.project_member, "add collaborator research")
    assert found(world.member, "access token")["Actions"] == ["Create access token"]
    assert "Actions" not in found(world.owner, "")


def test_each_action_leads_to_its_page(world: World) -> None:
    browser = freshly_signed_in(world.owner)
    for text in (
        "member",
        "project",
        "create",
        "collaborator research",
        "archive research",
        "slug",
    ):
        response = browser.get(reverse("search"), {"q": text})
        sections = {one.title: one.results for one in response.context["sections"]}
        for result in sections["Actions"]:
            assert browser.get(result.url).status_code == 200, result


def test_a_frozen_organization_can_be_read_and_left(world: World) -> None:
    suspend_organization(
        actor=Actor.of_user(world.staff), organization=world.organization, reason="Unpaid."
    )
    assert "Actions" not in found(world.owner, "invite")
    assert "Actions" not in found(world.project_member, "key")
    assert found(world.owner, "members")["Pages"] == ["Members"]
    assert found(world.member, "leave organization")["Actions"] == ["Leave organization"]
    leave = found(world.project_member, "leave research")["Actions"]
    assert leave == ["Leave project"]


def test_an_archived_project_can_be_read_and_left(world: World) -> None:
    archive_project(actor=Actor.of_user(world.owner), project=world.research)
    leave = found(world.project_member, "leave research")["Actions"]
    assert leave == ["Leave project"]
    for person in (world.project_member, world.owner):
        for text in ("create key research", "archive research", "slug research"):
            assert "Actions" not in found(person, text), text


def test_support_that_views_a_member_is_offered_no_action(world: World) -> None:
    browser = signed_in(world.staff)
    page = reverse(
        "admin:accounts_organization_view_as",
        args=[world.organization.pk, world.owner.public_id],
    )
    assert browser.post(page, {"reason": "Ticket 7."}).status_code == 302
    for text in ("invite", "leave", "create key research"):
        sections = browser.get(reverse("search"), {"q": text}).context["sections"]
        assert "Actions" not in [section.title for section in sections if section.results]


def test_pending_people_are_found_by_those_who_invite(world: World) -> None:
    for user in (world.owner, world.admin):
        pending = found(user, "new.hire")["Pending invitations"]
        assert pending == ["new.hire@northwind.example"]
    response = signed_in(world.owner).get(reverse("search"), {"q": "invited@partner"})
    section = response.context["sections"][-1]
    assert [one.label for one in section.results] == ["invited@partner.example"]
    assert "invited@partner.example" in words(signed_in(world.owner).get(section.results[0].url))
    for user in (world.member, world.project_member, world.external, world.stranger):
        assert "Pending invitations" not in found(user, "new.hire@northwind")
        assert "Pending invitations" not in found(user, "invited@partner")


def test_every_page_without_an_id_is_offered_or_has_a_reason() -> None:
    """A page that needs more than what is selected, a state of it for example, cannot be jumped to."""
    not_offered = {
        *("first_steps_hide", "ownership_withdraw", "ownership_accept", "ownership_decline"),
        *("ownership_candidates", "collaborator_candidates", "organization_keys_revoke"),
        # Of people selected in a list.
        *("members_role", "members_remove", "collaborators_role", "collaborators_remove"),
        *("default_key_reveal", "default_key_regenerate", "project_restore", "project_new_set"),
        "collaborators_remove_externals",
        # In a block of the page of collaborators.
        *("service_accounts", "service_account_create"),
        # Of the report that is shown.
        *("usage_filter", "cost_analytics_filter", "usage_view_save", "cost_analytics_view_save"),
    }
    offered = {*PROJECT_PAGES, *ORGANIZATION_PAGES, *PROJECT_ACTIONS, *ORGANIZATION_ACTIONS}
    pages = set()
    for name, view in list_views().items():
        control = getattr(view, "access_control", None)
        if control and control.audience in ("organization", "project") and view.page:
            with suppress(NoReverseMatch):
                reverse(name, args=["x"])
                pages.add(name)
    assert pages - not_offered == offered
