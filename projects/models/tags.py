"""Tags of projects and API keys, such as team=search, and the days on which each of them holds."""

import datetime as dt
import string
from typing import Self

from django.db import models
from django.db.models import F, Func, Q, Value
from django.db.models.functions import Length, Substr
from django.db.models.lookups import Exact, LessThanOrEqual

from accounts.models import Organization
from projects.models.project import Project

MAX_TAGS = 16  # of a project or key on a day
NAME_LENGTH, VALUE_LENGTH = 40, 100
# In reports, where a tag has no value; it can't be a value itself.
NONE = "none"
LETTERS = string.ascii_lowercase
CHARACTERS = f"{LETTERS}{string.digits}_-"


def build_character_condition(expression: str | Func, characters: str) -> Q:
    """Returns the condition that a text has no other characters; both databases check it alike."""
    rest = Func(expression, Value(characters), function="LTRIM", output_field=models.TextField())
    return Q(Exact(rest, Value("")))


def build_length_condition(field: str, characters: int) -> Q:
    """Returns the condition that a text is not empty and has at most so many characters."""
    return ~Q(**{field: ""}) & Q(LessThanOrEqual(Length(field), characters))


class Tag(models.Model):
    """A name with a value, in one organization. It never changes, so reports can group by its id."""

    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, db_index=False, related_name="tags"
    )
    name = models.CharField(max_length=NAME_LENGTH)
    value = models.CharField(max_length=VALUE_LENGTH)

    class Meta:
        ordering = ("name", "value")
        constraints = [
            models.UniqueConstraint(fields=["organization", "name", "value"], name="tag_once"),
            models.CheckConstraint(
                condition=build_length_condition("name", NAME_LENGTH)
                & build_character_condition("name", CHARACTERS)
                & build_character_condition(Substr("name", 1, 1), LETTERS),
                name="tag_name_pattern",
            ),
            models.CheckConstraint(
                condition=build_length_condition("value", VALUE_LENGTH)
                & ~Q(value=NONE)
                & ~Q(value__contains="\n")
                & ~Q(value__contains="\r")
                & ~Q(value__contains="\t"),
                name="tag_value_on_one_line",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.name}={self.value}"


class TagPeriodQuerySet(models.QuerySet["TagPeriod"]):
    def holding_on(self, day: dt.date) -> Self:
        """The periods that include the day: no two of them have the same owner and name."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=day), starts_on__lte=day)

    def holding_from(self, day: dt.date) -> Self:
        """The periods that include the day or begin later."""
        return self.filter(Q(ends_on=None) | Q(ends_on__gt=day))


class TagPeriod(models.Model):
    """The UTC days on which an owner, a project or key, has a tag: from `starts_on` until before `ends_on`.

    Triggers keep the past: a period begins on a later day than today, and one that has begun only ends on
    such a day. The periods of an owner with the same `name`, that of the tag, do not overlap.
    """

    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, db_index=False, related_name="+")
    name = models.CharField(max_length=NAME_LENGTH)
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)

    objects = TagPeriodQuerySet.as_manager()

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.tag} from {self.starts_on}"

    @property
    def value(self) -> str:
        return self.tag.value


def build_end_constraint(table: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")), name=f"{table}_ends_after_start"
    )


class ProjectTag(TagPeriod):
    """The days on which a project has a tag, and with it those of its keys that have no such tag."""

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, db_index=False, related_name="tag_periods"
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name", "starts_on"], name="projecttag_starts_once"
            ),
            build_end_constraint("projecttag"),
        ]
