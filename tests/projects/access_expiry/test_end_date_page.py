"""The end date's page, and where the list and the form to add somebody show it."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.web.formatting import format_day
from projects.collaborator_rows import CollaboratorRow
from projects.models import Collaborator
from projects.models.collaborator import today
from tests.support.clock import DAY
from tests.support.pages import signed_in, words
from tests.world import World, build_world, listed

pytestmark = pytest.mark.django_db
FAR = dt.timedelta(days=30)


@pytest.fixture
def world() -> World:
    return build_world()


def path(row: Collaborator) -> str:
    return reverse("collaborator_end_date", args=[row.project.slug, row.public_id])


def save(user: User, row: Collaborator, value: object) -> Any:
    return signed_in(user).post(path(row), {"end_date": str(value)}, follow=True)


def listing(user: User, world: World) -> Any:
    return signed_in(user).get(reverse("collaborators", args=[world.research.slug]))


def end_of(row: Collaborator) -> dt.date | None:
    return Collaborator.objects.get(pk=row.pk).end_date


def test_a_date_is_set_changed_and_taken_away(world: World) -> None:
    row, day = world.external_row, today() + FAR
    response = save(world.project_admin, row, day)
    assert f"External has access to Research until {format_day(day)}." in words(response)
    assert f"Until {format_day(day)}" in words(response)
    source = signed_in(world.owner).get(path(row)).content.decode()
    assert f'value="{day.isoformat()}"' in source
    response = save(world.project_admin, row, "")
    assert "without an end date" in words(response)
    assert end_of(row) is None


@pytest.mark.parametrize(
    "value", ["2020-01-01", "0000-00-00", "tomorrow", "12/03/2999", "9" * 40, "2999-02-30", "\x00"]
)
def test_what_is_no_day_to_come_is_refused_at_the_field(world: World, value: str) -> None:
    response = save(world.owner, world.external_row, value)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"end_date"}
    assert end_of(world.external_row) is None


def test_the_list_warns_in_the_last_week_and_says_when_it_is_over(world: World) -> None:
    rows = world.research.collaborators
    expected = {7: ("Until", "warn"), 8: ("Until", ""), 0: ("Until", "warn"), -1: ("Ended", "bad")}
    for days, (word, tone) in expected.items():
        day = today() + days * DAY
        rows.filter(pk=world.external_row.pk).update(end_date=day)
        (row,) = (one for one in listing(world.owner, world).context["rows"] if one.end)
        assert (row.end, row.end_class) == (
            f"{word} {format_day(day)}",
            f"badge {tone}" if tone else "muted",
        )


def test_the_page_says_that_an_admin_keeps_access(world: World) -> None:
    row = listed(world.research, world.admin)
    assert "keeps access" in words(signed_in(world.owner).get(path(row)))
    assert "keeps access" not in words(signed_in(world.owner).get(path(world.external_row)))


def offers_end_date(row: CollaboratorRow) -> bool:
    links = row.menu.links if row.menu else ()
    return any(link.url.endswith("/end-date/") for link in links)


def test_no_one_is_offered_to_move_their_own_last_day(world: World) -> None:
    for user in (world.project_admin, world.external_admin):
        rows = {row.name: row for row in listing(user, world).context["rows"]}
        assert not offers_end_date(rows[user.name])
        assert offers_end_date(rows["Project Member"])
    for row in (world.project_admin_row, world.external_admin_row):
        browser = signed_in(row.user)
        assert browser.get(path(row)).status_code == 403
        assert browser.post(path(row), {"end_date": ""}).status_code == 403


def test_someone_is_added_until_a_day(world: World) -> None:
    add = reverse("collaborator_add", args=[world.research.slug])
    day = today() + FAR
    browser = signed_in(world.owner)
    for email in (world.member.email, "new@elsewhere.example"):
        browser.post(add, {"email": email, "role": "member", "end_date": day.isoformat()})
    assert world.research.collaborators.get(user=world.member).end_date == day
    pending = listing(world.owner, world).context["pending"]
    assert [row.end for row in pending] == [f"Until {format_day(day)}", ""]


def test_adding_until_a_day_that_is_over_is_refused(world: World) -> None:
    add = reverse("collaborator_add", args=[world.research.slug])
    data = {"email": world.member.email, "role": "member", "end_date": "2020-01-01"}
    response = signed_in(world.owner).post(add, data)
    assert response.status_code == 422
    assert set(response.context["form"].errors) == {"end_date"}
    assert not world.research.collaborators.filter(user=world.member).exists()
