"""One write for each constraint of tags that goes past the code; part of every_constraint.py."""

import datetime as dt
from collections.abc import Callable

from django.db import models
from django.utils import timezone

from keys.models import KeyTag
from projects.models import ProjectTag, Tag
from tests.database.writes import changed, copied
from tests.support.clock import DAY
from tests.support.triggers import triggers_aside
from tests.world import World


def today() -> dt.date:
    return timezone.now().date()


def tag(world: World, value: str = "search") -> Tag:
    return Tag.objects.get_or_create(organization=world.organization, name="team", value=value)[0]


def project_tag(world: World) -> ProjectTag:
    """The research project's, from tomorrow."""
    return ProjectTag.objects.get_or_create(
        project=world.research,
        name="team",
        defaults={"tag": tag(world), "starts_on": today() + DAY},
    )[0]


def key_tag(world: World) -> KeyTag:
    """One of the world's key, from tomorrow."""
    return KeyTag.objects.get_or_create(
        api_key=world.key, name="team", defaults={"tag": tag(world), "starts_on": today() + DAY}
    )[0]


def copied_past_triggers(row: models.Model) -> None:
    """Those against overlapping periods would refuse it first."""
    with triggers_aside("INSERT"):
        copied(row)


TAG_ATTEMPTS: dict[str, tuple[str, Callable[[World], object]]] = {
    "tag_once": (
        "projects_tag.organization_id, projects_tag.name, projects_tag.value",
        lambda w: copied(tag(w)),
    ),
    "tag_name_pattern": (
        "tag_name_pattern",
        lambda w: copied(tag(w), name="Team"),
    ),
    "tag_value_on_one_line": (
        "tag_value_on_one_line",
        lambda w: copied(tag(w), value="search\n"),
    ),
    "projecttag_starts_once": (
        "projects_projecttag.project_id, projects_projecttag.name, projects_projecttag.starts_on",
        lambda w: copied_past_triggers(project_tag(w)),
    ),
    "projecttag_ends_after_start": (
        "projecttag_ends_after_start",
        lambda w: changed(project_tag(w), ends_on=project_tag(w).starts_on),
    ),
    "keytag_starts_once": (
        "keys_keytag.api_key_id, keys_keytag.name, keys_keytag.starts_on",
        lambda w: copied_past_triggers(key_tag(w)),
    ),
    "keytag_ends_after_start": (
        "keytag_ends_after_start",
        lambda w: changed(key_tag(w), ends_on=key_tag(w).starts_on),
    ),
}
