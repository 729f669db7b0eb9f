"""Archiving a project and restoring it: who may, what stops, what stays, and the limit."""

from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import Action, OrganizationState
from accounts.errors import Conflict
from accounts.models import AuditEvent, User
from keys.api_keys.services import revoke_key
from keys.enums import Code
from keys.models import ApiKey
from projects.models import Project
from tests.database.refusals import all_rows
from tests.keys.helpers.gateway_client import auth
from tests.support.pages import queries, signed_in, words
from tests.world import World, accept, issued, person, set_limits

pytestmark = pytest.mark.django_db


def do(user: User, act: str, slug: str) -> Any:
    return signed_in(user).post(reverse(f"project_{act}", args=[slug]))


def listed(world: World, user: User, state: str = "") -> list[str]:
    path = reverse("projects", args=[world.organization.slug])
    page = signed_in(user).get(path, {"state": state} if state else {})
    return sorted(row.name for row in page.context["page"].rows)


@pytest.fixture
def archived(world: World) -> World:
    """Research is archived."""
    assert do(world.admin, "archive", world.research.slug).status_code == 302
    world.research.refresh_from_db()
    return world


def test_the_preview_says_who_is_in_it_and_what_waits(world: World) -> None:
    path = reverse("project_archive", args=[world.research.slug])
    page = words(signed_in(world.owner).get(path))
    assert "Its 4 collaborators can still view it" in page
    assert "1 pending invitation cannot be accepted" in page
    assert "Its 1 active API key stops working immediately, and works again when" in page
    path = reverse("project_archive", args=[world.production.slug])
    page = words(signed_in(world.owner).get(path))
    assert "It has no active API keys." in page
    assert "Its 1 collaborator can still view it" in page
    assert "pending invitation" not in page


def test_archiving_and_restoring_are_in_the_audit_log(archived: World) -> None:
    event = AuditEvent.objects.latest("pk")
    assert (event.act, event.actor) == (Action.PROJECT_ARCHIVED, archived.admin)
    assert (archived.research.is_archived, archived.research.archived_by) == (True, archived.admin)
    assert do(archived.owner, "restore", archived.research.slug).status_code == 302
    archived.research.refresh_from_db()
    assert (archived.research.is_archived, archived.research.archived_by) == (False, None)
    event = AuditEvent.objects.latest("pk")
    assert (event.act, event.target_name) == (Action.PROJECT_RESTORED, "Research")


def test_it_moves_to_the_archived_ones_and_out_of_the_switcher(archived: World) -> None:
    assert listed(archived, archived.owner) == ["Default Project", "Production"]
    assert listed(archived, archived.owner, "archived") == ["Research"]
    assert listed(archived, archived.external, "archived") == ["Research"]
    assert listed(archived, archived.member, "archived") == []
    page = signed_in(archived.owner).get(reverse("members", args=[archived.organization.slug]))
    assert [entry.name for entry in page.context["frame"].projects] == [
        "Default Project",
        "Production",
    ]
    assert page.context["frame"].counts["project_count"] == 2


def test_home_leads_to_a_project_that_works(archived: World) -> None:
    browser = signed_in(archived.owner)
    page = browser.get(reverse("project", args=[archived.research.slug]))
    assert "Archived" in words(page)
    assert browser.get("/")["Location"] == reverse("project", args=[archived.default.slug])


def test_an_external_with_nothing_else_still_finds_it(archived: World) -> None:
    browser = signed_in(archived.external)
    browser.get(reverse("organization", args=[archived.organization.slug]))
    assert browser.get("/")["Location"] == reverse("project", args=[archived.research.slug])


@pytest.mark.parametrize("somebody", ["owner", "project_admin", "project_member", "external_admin"])
def test_everyone_in_it_can_read_it_and_finds_no_act(archived: World, somebody: str) -> None:
    browser, slug = signed_in(getattr(archived, somebody)), archived.research.slug
    for name in ("project", "project_settings", "collaborators"):
        page = browser.get(reverse(name, args=[slug]))
        assert page.status_code == 200
        html = page.content.decode()
        for act in ("add", "remove", "role", "slug", "archive", "resend", "withdraw", "link"):
            assert f'/{act}/"' not in html, (name, act)
        main = html.partition("<main")[2].partition("</main>")[0]
        assert 'method="post"' not in main
        offered = reverse("project_restore", args=[slug]) in html
        assert offered == (somebody == "owner" and name != "collaborators")


def test_nothing_in_it_can_be_changed(archived: World) -> None:
    browser, slug = signed_in(archived.owner), archived.research.slug
    row, before = archived.project_member_row.public_id, all_rows()
    acts = [
        (reverse("project_settings", args=[slug]), {"name": "Other"}),
        (reverse("project_slug", args=[slug]), {"slug": "other"}),
        (reverse("collaborator_add", args=[slug]), {"email": "x@y.example", "role": "member"}),
        (reverse("collaborator_remove", args=[slug, row]), {}),
        (reverse("collaborator_role", args=[slug, row]), {"role": "admin"}),
        (
            reverse("project_invitation_resend", args=[slug, archived.invitation.public_id]),
            {},
        ),
    ]
    for path, data in acts:
        assert browser.post(path, data).status_code == 403, path
    assert all_rows() == before


def test_its_keys_are_refused_until_it_is_restored(archived: World) -> None:
    research = archived.research
    assert auth(archived.key_secret).json()["error"]["code"] == Code.PROJECT_ARCHIVED
    browser = signed_in(archived.owner)
    page = words(browser.get(reverse("project", args=[research.slug])))
    assert (
        "Research is archived: it can be read, not changed, and its API keys are refused." in page
    )
    page = words(browser.get(reverse("project_restore", args=[research.slug])))
    assert "Its 1 active API key works again immediately." in page
    assert do(archived.owner, "restore", research.slug).status_code == 302
    assert auth(archived.key_secret).status_code == 200


def test_the_preview_counts_the_keys_that_work(world: World) -> None:
    keys = [issued(world.research, world.owner, name=f"key {n}").key for n in range(3)]
    revoke_key(actor=Actor.of_user(world.owner), key=keys[0])
    ApiKey.objects.filter(pk=keys[1].pk).update(expires_at=timezone.now())
    page = words(signed_in(world.owner).get(reverse("project_archive", args=[world.research.slug])))
    assert "Its 2 active API keys stop working immediately, and work again" in page


def test_an_invitation_to_it_waits_until_it_is_restored(archived: World) -> None:
    invitee = person(archived.invitation.email)
    with pytest.raises(Conflict, match="is archived"):
        accept(archived.invitation, invitee)
    do(archived.owner, "restore", archived.research.slug)
    accept(archived.invitation, invitee)
    assert archived.research.collaborators.filter(user=invitee).exists()


def test_one_can_leave_it(archived: World) -> None:
    path = reverse("collaborators_leave", args=[archived.research.slug])
    assert signed_in(archived.external).post(path).status_code == 302
    assert not archived.research.collaborators.filter(user=archived.external).exists()


def test_it_makes_room_and_needs_room_again(archived: World) -> None:
    set_limits(archived.organization, archived.staff, limit=3)
    new = reverse("project_new", args=[archived.organization.slug])
    assert signed_in(archived.owner).post(new, {"name": "In its place"}).status_code == 302
    browser, restore = (
        signed_in(archived.owner),
        reverse("project_restore", args=[archived.research.slug]),
    )
    before = all_rows()
    page, refused = browser.get(restore), browser.post(restore)
    assert (page.status_code, refused.status_code) == (200, 409)
    request = reverse("project_request", args=[archived.organization.slug])
    for answer in (page, refused):
        assert "has reached its limit of 3 projects" in words(answer)
        assert f'class="button primary" href="{request}"' in answer.content.decode()
    assert all_rows() == before
    set_limits(archived.organization, archived.staff, limit=4)
    assert browser.post(restore).status_code == 302


def test_what_is_done_already_is_a_conflict(archived: World) -> None:
    assert do(archived.owner, "archive", archived.research.slug).status_code == 409
    assert do(archived.owner, "restore", archived.production.slug).status_code == 409
    browser = signed_in(archived.owner)
    page = browser.get(reverse("project_archive", args=[archived.research.slug]))
    assert "is already archived" in words(page)
    page = browser.get(reverse("project_restore", args=[archived.production.slug]))
    assert "is not archived" in words(page)


def test_the_default_project_stays(world: World) -> None:
    browser, path = (
        signed_in(world.owner),
        reverse("project_archive", args=[world.default.slug]),
    )
    before = all_rows()
    page, refused = browser.get(path), browser.post(path)
    assert (page.status_code, refused.status_code) == (200, 409)
    for answer in (page, refused):
        assert "The Default Project cannot be archived" in words(answer)
    assert all_rows() == before
    settings = browser.get(reverse("project_settings", args=[world.default.slug]))
    assert path not in settings.content.decode()


def test_a_frozen_organization_archives_nothing(archived: World) -> None:
    archived.organization.change_state(OrganizationState.SUSPENDED, "Unpaid.")
    assert do(archived.owner, "restore", archived.research.slug).status_code == 403
    assert do(archived.owner, "archive", archived.production.slug).status_code == 403


def test_the_overview_of_the_organization_counts_what_counts(archived: World) -> None:
    path = reverse("organization", args=[archived.organization.slug])
    assert "2 of 5 used" in words(signed_in(archived.owner).get(path))
    seen = words(signed_in(archived.project_admin).get(path))
    assert "1 you can open" in seen
    assert "of 5" not in seen


def test_two_thousand_projects_cost_no_more_queries_than_three(world: World) -> None:
    path = reverse("projects", args=[world.organization.slug])
    browser, spent = signed_in(world.owner), []
    set_limits(world.organization, world.staff, limit=3000)
    for number in (0, 2000):
        world.organization.projects.bulk_create(
            Project(
                organization=world.organization,
                name=f"Many {index}",
                slug=f"many-{index}",
                archived_at=timezone.now() if index % 2 else None,
            )
            for index in range(number)
        )
        for query in ({}, {"state": "archived"}):
            browser.get(path, query)
            with queries() as captured:
                assert browser.get(path, query).status_code == 200
            spent.append(len(captured))
    assert spent[:2] == spent[2:]
    assert max(spent) <= 10, spent
