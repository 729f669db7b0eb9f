"""Tags on days of choice, which services and triggers only let begin later than today."""

import datetime as dt

from keys.models import ApiKey, KeyTag
from projects.models import Project, ProjectTag, Tag
from tests.support.triggers import triggers_aside


def tagged(
    owner: Project | ApiKey,
    name: str,
    value: str,
    starts_on: dt.date,
    ends_on: dt.date | None = None,
) -> Tag:
    """The project or key has the tag from one day until before another."""
    project = owner if isinstance(owner, Project) else owner.project
    tag, _ = Tag.objects.get_or_create(organization=project.organization, name=name, value=value)
    period = KeyTag(api_key=owner) if isinstance(owner, ApiKey) else ProjectTag(project=owner)
    period.tag, period.name = tag, name
    period.starts_on, period.ends_on = starts_on, ends_on
    with triggers_aside("INSERT"):
        period.save(force_insert=True)
    return tag
