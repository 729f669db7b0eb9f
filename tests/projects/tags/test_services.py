"""A new set of tags counts from the next UTC day on, and leaves the days before as they were."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.models import AuditEvent
from projects.models import Tag
from projects.services.archive import archive_project
from projects.tags.periods import compute_fingerprint, get_tags, list_tags
from projects.tags.services import change_project_tags
from tests.support.clock import DAY, set_clock
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def clock(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time stands still, once there is a world: no midnight passes between a change and what is read."""
    set_clock(monkeypatch, timezone.now())


def change(world: World, tags: dict[str, str], seen: str | None = None) -> bool:
    actor = Actor.of_user(world.owner)
    return change_project_tags(actor=actor, project=world.research, tags=tags, seen=seen)


def periods(world: World) -> list[tuple[str, int, int | None]]:
    """The tags with the days, counted from today, on which they begin and end."""
    today = timezone.now().date()

    def days(day: dt.date | None) -> int | None:
        return (day - today).days if day else None

    rows = world.research.tag_periods.select_related("tag").order_by("name", "starts_on")
    return [(str(row.tag), days(row.starts_on) or 0, days(row.ends_on)) for row in rows]


def test_a_tag_begins_tomorrow(world: World) -> None:
    assert change(world, {"team": "  search   and ads "})
    assert periods(world) == [("team=search and ads", 1, None)]
    (state,) = list_tags(world.research)
    assert (state.today, state.tomorrow, state.is_pending) == ("", "search and ads", True)


def test_a_change_before_it_begins_leaves_no_trace(world: World) -> None:
    change(world, {"team": "search", "env": "dev"})
    change(world, {"team": "ads"})
    assert periods(world) == [("team=ads", 1, None)]
    change(world, {})
    assert periods(world) == []


def test_later_changes_keep_the_days_before(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    today = timezone.now()
    change(world, {"team": "search"})
    set_clock(monkeypatch, today + 3 * DAY)
    change(world, {"team": "ads"})
    assert periods(world) == [("team=search", -2, 1), ("team=ads", 1, None)]
    (state,) = list_tags(world.research)
    assert (state.today, state.tomorrow) == ("search", "ads")
    set_clock(monkeypatch, today + 4 * DAY)
    change(world, {})
    assert periods(world) == [("team=search", -3, 0), ("team=ads", 0, 1)]
    set_clock(monkeypatch, today + 5 * DAY)
    assert list_tags(world.research) == []


def test_the_value_of_today_goes_on_when_it_is_set_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = timezone.now()
    change(world, {"team": "search"})
    set_clock(monkeypatch, today + 2 * DAY)
    change(world, {"team": "ads"})
    change(world, {"team": "search"})
    assert periods(world) == [("team=search", -1, None)]
    assert Tag.objects.count() == 2


def test_saving_the_same_tags_records_nothing(world: World) -> None:
    change(world, {"team": "search"})
    assert not change(world, {"team": "search"})
    assert AuditEvent.objects.filter(act=Action.PROJECT_TAGS_CHANGED).count() == 1


def test_the_audit_log_has_the_tags_that_changed(world: World) -> None:
    change(world, {"team": "search", "env": "dev", "region": "eu"})
    change(world, {"team": "ads", "region": "eu"})
    event = AuditEvent.objects.filter(act=Action.PROJECT_TAGS_CHANGED).latest("pk")
    assert event.values_before == {"env": "dev", "team": "search"}
    assert event.values_after == {"env": None, "team": "ads"}
    assert event.target_id == world.research.public_id


@pytest.mark.parametrize(
    "tags",
    [
        {"Team": "x"},
        {"": "x"},
        {"1st": "x"},
        {"a" * 41: "x"},
        {"team": ""},
        {"team": " "},
        {"team": "x" * 101},
        {"team": "none"},
        {"team": "a\x07b"},
        {"team": "a\u202eb"},
        {f"tag{number}": "x" for number in range(17)},
    ],
)
def test_bad_tags_are_refused_and_nothing_changes(world: World, tags: dict[str, str]) -> None:
    with pytest.raises(ValidationError) as error:
        change(world, {"env": "dev", **tags})
    assert set(error.value.message_dict) == {"tags"}
    assert periods(world) == []


def test_sixteen_tags_can_all_be_replaced_at_once(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    today = timezone.now()
    change(world, {f"tag{number}": "x" for number in range(16)})
    set_clock(monkeypatch, today + DAY)
    new = {f"other{number}": "x" for number in range(16)}
    change(world, new)
    assert get_tags(world.research).keys() == new.keys()


def test_a_form_does_not_overwrite_what_somebody_else_saved_meanwhile(world: World) -> None:
    seen = compute_fingerprint({})
    change(world, {"team": "search"}, seen)
    with pytest.raises(Conflict):
        change(world, {"env": "dev"}, seen)
    assert get_tags(world.research) == {"team": "search"}


def test_only_those_who_change_the_settings_change_tags(world: World) -> None:
    for user in (world.owner, world.admin, world.project_admin, world.external_admin):
        actor = Actor.of_user(user)
        assert change_project_tags(actor=actor, project=world.research, tags={"by": user.name})
    for user in (world.project_member, world.external):
        with pytest.raises(PermissionDenied):
            change_project_tags(actor=Actor.of_user(user), project=world.research, tags={})
    for user in (world.member, world.stranger, world.other_member):
        with pytest.raises(Http404):
            change_project_tags(actor=Actor.of_user(user), project=world.research, tags={})


def test_an_archived_project_keeps_its_tags(world: World) -> None:
    change(world, {"team": "search"})
    archive_project(actor=Actor.of_user(world.owner), project=world.research)
    with pytest.raises(PermissionDenied):
        change(world, {})
    assert get_tags(world.research) == {"team": "search"}


def test_organizations_have_tags_of_their_own(world: World) -> None:
    change(world, {"team": "search"})
    actor = Actor.of_user(world.other_organization.memberships.owner().user)
    change_project_tags(actor=actor, project=world.other_project, tags={"team": "search"})
    assert Tag.objects.filter(name="team").count() == 2
