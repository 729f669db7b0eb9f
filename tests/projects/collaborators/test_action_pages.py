"""Remove user, change role, leave: what the pages say and do."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from projects.models import Collaborator
from tests.support.pages import checked_radios, signed_in, words
from tests.world import World, build_world, listed

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build_world()


def path(row: Collaborator, act: str) -> str:
    return reverse(f"collaborator_{act}", args=[row.project.slug, row.public_id])


def listed_now(row: Collaborator) -> bool:
    return Collaborator.objects.filter(pk=row.pk).exists()


def role_now(row: Collaborator) -> str:
    return str(Collaborator.objects.get(pk=row.pk).role)


def test_the_question_names_the_person_and_the_project(world: World) -> None:
    response = signed_in(world.owner).get(path(world.external_row, "remove"))
    assert "Remove External from Research?" in words(response)
    assert listed_now(world.external_row)


def test_removal_ends_access_with_the_next_request(world: World) -> None:
    theirs, project = signed_in(world.external), reverse("project", args=[world.research.slug])
    assert theirs.get(project).status_code == 200
    response = signed_in(world.project_admin).post(path(world.external_row, "remove"), follow=True)
    assert "External is no longer listed in Research." in words(response)
    assert theirs.get(project).status_code == 404
    assert theirs.get(reverse("organization", args=[world.organization.slug])).status_code == 404


def test_removing_twice_is_not_found_the_second_time(world: World) -> None:
    browser = signed_in(world.owner)
    browser.post(path(world.external_row, "remove"))
    assert browser.post(path(world.external_row, "remove")).status_code == 404


def test_an_admin_who_is_listed_keeps_access_and_the_page_says_so(world: World) -> None:
    row = listed(world.research, world.admin)
    browser = signed_in(world.owner)
    response = browser.get(path(row, "remove"))
    assert response.context["keeps_access"]
    assert "keeps access" in words(response)
    browser.post(path(row, "remove"))
    project = reverse("project", args=[world.research.slug])
    assert signed_in(world.admin).get(project).status_code == 200


def test_someone_who_removes_themselves_lands_where_they_still_may_be(world: World) -> None:
    browser = signed_in(world.project_admin)
    response = browser.post(path(world.project_admin_row, "remove"))
    assert response["Location"] == reverse("home")
    assert browser.get(reverse("home"), follow=True).status_code == 200


def test_a_project_admin_cannot_touch_the_row_of_someone_above(world: World) -> None:
    row = listed(world.research, world.admin)
    browser = signed_in(world.project_admin)
    for act in ("remove", "role"):
        assert browser.get(path(row, act)).status_code == 403
        assert browser.post(path(row, act), {"role": "admin"}).status_code == 403
    assert role_now(row) == "member"


@pytest.mark.parametrize("actor", ["owner", "admin", "project_admin", "external_admin"])
def test_a_role_is_changed_there_and_back(world: World, actor: str) -> None:
    browser = signed_in(getattr(world, actor))
    row = world.project_member_row
    for role, label in (("admin", "Admin"), ("member", "Member")):
        response = browser.post(path(row, "role"), {"role": role}, follow=True)
        assert f"Project Member is now {label} of Research." in words(response)
        assert role_now(row) == role


def test_the_form_offers_the_other_role_first(world: World) -> None:
    response = signed_in(world.owner).get(path(world.project_member_row, "role"))
    assert checked_radios(response, "role") == ["admin"]


@pytest.mark.parametrize("role", ["", "owner", "superuser", "\x00", "x" * 10000])
def test_a_role_that_is_none_is_refused(world: World, role: str) -> None:
    response = signed_in(world.owner).post(path(world.project_member_row, "role"), {"role": role})
    assert response.status_code == 422
    assert role_now(world.project_member_row) == "member"


def test_the_same_role_again_changes_nothing_and_is_not_audited(world: World) -> None:
    events = world.organization.audit_events.count()
    response = signed_in(world.owner).post(
        path(world.project_member_row, "role"), {"role": "member"}
    )
    assert response.status_code == 302
    assert world.organization.audit_events.count() == events


def test_an_admin_who_steps_down_cannot_step_up_again(world: World) -> None:
    browser, row = signed_in(world.project_admin), world.project_admin_row
    response = browser.post(path(row, "role"), {"role": "member"}, follow=True)
    assert response.status_code == 200
    assert browser.post(path(row, "role"), {"role": "admin"}).status_code == 403
    assert role_now(row) == "member"


def leave(user: User, world: World, *, post: bool = True) -> Any:
    browser, address = signed_in(user), reverse("collaborators_leave", args=[world.research.slug])
    return browser.post(address, follow=True) if post else browser.get(address)


@pytest.mark.parametrize(
    "person", ["project_admin", "project_member", "external", "external_admin"]
)
def test_someone_who_leaves_is_out(world: World, person: str) -> None:
    user = getattr(world, person)
    assert leave(user, world, post=False).status_code == 200
    response = leave(user, world)
    assert response.status_code == 200
    assert "You left Research." in words(response)
    project = reverse("project", args=[world.research.slug])
    assert signed_in(user).get(project).status_code == 404


def test_someone_who_is_not_listed_has_nothing_to_leave(world: World) -> None:
    response = leave(world.owner, world)
    assert response.status_code == 409
    assert "You cannot leave" in words(response)


def test_a_listed_admin_who_leaves_stays_on_the_page_they_still_may_see(world: World) -> None:
    listed(world.research, world.admin)
    response = leave(world.admin, world)
    assert response.redirect_chain[-1][0] == reverse("collaborators", args=[world.research.slug])
    assert response.status_code == 200


def test_no_one_leaves_the_default_project(world: World) -> None:
    address = reverse("collaborators_leave", args=[world.default.slug])
    assert signed_in(world.member).post(address).status_code == 409
