"""What the database refuses of tags: the past stays, and a tag has one value on a day."""

import datetime as dt
from typing import Any

import pytest
from django.db import DataError, IntegrityError, transaction

from keys.models import KeyTag
from projects.models import ProjectTag, Tag
from projects.models.tags import MAX_TAGS, TagPeriod
from tests.database.attempts.tags import key_tag, project_tag, tag, today
from tests.database.refusals import refused, run
from tests.database.writes import changed, copied
from tests.support.clock import DAY
from tests.support.triggers import triggers_aside
from tests.world import World

pytestmark = pytest.mark.django_db
KEPT = "the tags of past days and of today are kept"
ONE_VALUE = "a tag has one value on a day"
OWN = "a tag is one of the same organization, with its name"
TABLES = pytest.mark.parametrize("make", [project_tag, key_tag])


def begun(period: TagPeriod, starts_on: dt.date, ends_on: dt.date | None = None) -> TagPeriod:
    """A period like it that began when the triggers did not look."""
    with triggers_aside("INSERT"):
        (copy,) = copied(period, starts_on=starts_on, ends_on=ends_on)
    assert isinstance(copy, TagPeriod)
    return copy


def test_tags_can_be_neither_changed_nor_deleted(world: World) -> None:
    with refused("tags cannot be changed"):
        changed(tag(world), value="other")
    with refused("tags cannot be deleted"):
        run("DELETE FROM projects_tag WHERE id = %s", tag(world).pk)


@pytest.mark.parametrize(
    "name", ["", "Team", "1st", "-a", "_a", "team one", "équipe", "a=b", "a:b"]
)
def test_a_name_starts_with_a_letter_and_has_no_others_than_allowed(
    world: World, name: str
) -> None:
    with refused("tag_name_pattern"):
        copied(tag(world), name=name)


@pytest.mark.parametrize("name", ["a", "cost_centre", "cost-centre-2", "a" * 40])
def test_such_names_are_allowed(world: World, name: str) -> None:
    copied(tag(world), name=name)


@pytest.mark.parametrize("value", ["", "none", "a\tb", "a\nb", "a\rb"])
def test_a_value_is_on_one_line(world: World, value: str) -> None:
    with refused("tag_value_on_one_line"):
        copied(tag(world), value=value)


@pytest.mark.parametrize("values", [{"name": "a" * 41}, {"value": "a" * 101}])
def test_neither_is_too_long(world: World, values: dict[str, str]) -> None:
    with pytest.raises((IntegrityError, DataError)), transaction.atomic():
        copied(tag(world), **values)


@TABLES
def test_no_tag_begins_today_or_earlier(world: World, make: Any) -> None:
    period = make(world)
    period.delete()
    for day in (today(), today() - DAY):
        with refused(KEPT):
            copied(period, starts_on=day)


@TABLES
def test_a_tag_that_has_begun_only_ends_on_a_later_day(world: World, make: Any) -> None:
    period = make(world)
    period.delete()
    current = begun(period, today() - 3 * DAY)
    for day in (today(), today() - DAY):
        with refused(KEPT):
            changed(current, ends_on=day)
    changed(current, ends_on=today() + DAY)
    changed(current, ends_on=None)
    with refused(KEPT):
        run(f"DELETE FROM {current._meta.db_table} WHERE id = %s", current.pk)


@TABLES
def test_a_tag_that_has_ended_stays_as_it_was(world: World, make: Any) -> None:
    period = make(world)
    period.delete()
    ended = begun(period, today() - 3 * DAY, today())
    for day in (None, today() + DAY, today() - DAY):
        with refused(KEPT):
            changed(ended, ends_on=day)


@TABLES
def test_a_period_stays_one_of_the_same_tag(world: World, make: Any) -> None:
    period = make(world)
    for values in (
        {"tag": tag(world, "ads")},
        {"name": "x"},
        {"starts_on": today() + 2 * DAY},
    ):
        with refused("a period is that of one tag, and keeps its start"):
            changed(period, **values)


def test_a_period_stays_with_its_owner(world: World) -> None:
    with refused("a period is that of one tag, and keeps its start"):
        changed(project_tag(world), project=world.production)
    with refused("a period is that of one tag, and keeps its start"):
        changed(key_tag(world), api_key=world.other_key)


@TABLES
def test_a_tag_is_one_of_the_organization(world: World, make: Any) -> None:
    theirs = Tag.objects.create(organization=world.other_organization, name="env", value="x")
    period = make(world)
    period.delete()
    for values in ({"tag_id": theirs.pk, "name": "env"}, {"name": "env"}, {"tag_id": theirs.pk}):
        with refused(OWN):
            copied(period, **values)


@TABLES
def test_a_tag_has_one_value_on_a_day(world: World, make: Any) -> None:
    period = make(world)  # from tomorrow
    other = tag(world, "ads").pk
    for days, end in ((1, None), (2, None), (5, 6)):
        with refused(ONE_VALUE):
            copied(
                period,
                tag_id=other,
                starts_on=today() + days * DAY,
                ends_on=end and today() + end * DAY,
            )
    changed(period, ends_on=today() + 5 * DAY)
    with refused(ONE_VALUE):
        copied(period, tag_id=other, starts_on=today() + 4 * DAY, ends_on=None)
    copied(period, tag_id=other, starts_on=today() + 5 * DAY, ends_on=None)
    for later in (None, today() + 6 * DAY):
        with refused(ONE_VALUE):
            changed(period, ends_on=later)


@TABLES
def test_there_are_at_most_sixteen_tags_on_a_day(world: World, make: Any) -> None:
    period = make(world)
    tags = [
        Tag.objects.create(organization=world.organization, name=f"tag{number}", value="x")
        for number in range(MAX_TAGS)
    ]
    for each in tags[1:]:
        copied(period, tag_id=each.pk, name=each.name)
    with refused("there are at most 16 tags on a day"):
        copied(period, tag_id=tags[0].pk, name=tags[0].name)
    changed(period, ends_on=today() + 2 * DAY)
    copied(period, tag_id=tags[0].pk, name=tags[0].name, starts_on=today() + 2 * DAY, ends_on=None)
    with refused("there are at most 16 tags on a day"):
        changed(period, ends_on=None)


def test_projects_and_keys_with_the_same_id_do_not_get_in_each_others_way(world: World) -> None:
    assert project_tag(world).tag == key_tag(world).tag
    assert ProjectTag.objects.count() == KeyTag.objects.count() == 1
