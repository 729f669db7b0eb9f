"""Tags as dimensions of reports: a total has the value that its key, or else its project, had on its day.

The project is the intended one, wherever the usage is billed, because that is the key's. Usage that an
external collaborator's own organization pays for has the tags of the project there.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import (
    Aggregate,
    BigIntegerField,
    Case,
    CharField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, NullIf
from django.db.models.lookups import Exact, In

from accounts.models import Organization
from keys.models import KeyTag
from projects.models import ProjectTag, Tag
from projects.models.tags import NAME_LENGTH
from usage.enums import Dimension, Reason

# In the keys of totals, for usage without a value.
NO_TAG = 0
PREFIX = "tag:"
PARAMETER = re.compile(rf"{PREFIX}(?P<name>[a-z][a-z0-9_-]{{0,{NAME_LENGTH - 1}}})", re.ASCII)


@dataclass(frozen=True)
class TagDimension:
    """A name of tags that reports can be grouped and filtered by, with the attributes of a `Dimension`.

    `projects` are those whose tags the reader may know, None for all: usage of other projects has no value.
    """

    name: str
    projects: frozenset[int] | None = None

    @property
    def value(self) -> str:
        """The name of the parameter in URLs."""
        return f"{PREFIX}{self.name}"

    @property
    def label(self) -> str:
        return f"Tag {self.name}"

    @property
    def noun(self) -> str:
        return f"tag {self.name}"

    def build_id(self, organization: Organization, moment: str, prefix: str = "") -> Coalesce:
        """Returns the tag of totals or records as an expression: its primary key, or NO_TAG.

        `moment` is their column with the day, or with a time on it: both databases compare a day with a
        time as with its midnight. `prefix` leads to the other columns.
        """
        tags = self.find_columns("tag_id", organization, moment, prefix)
        return Coalesce(*tags, Value(NO_TAG), output_field=BigIntegerField())

    def build_text(self, organization: Organization, moment: str, prefix: str = "") -> Coalesce:
        """Returns the value of the tag, or '', likewise."""
        values = self.find_columns("tag__value", organization, moment, prefix)
        return Coalesce(*values, Value(""), output_field=CharField())

    def find_columns(
        self, column: str, organization: Organization, moment: str, prefix: str
    ) -> list[Subquery]:
        """Returns a column of the key's tag, and of its project's."""
        project = find_project(prefix)
        own = self.find_periods(KeyTag.objects.all(), organization, moment)
        own = own.filter(api_key=OuterRef(f"{prefix}api_key_id"))
        inherited = self.find_periods(ProjectTag.objects.all(), organization, moment)
        inherited = inherited.filter(project=project)
        if self.projects is not None:
            own = own.filter(api_key__project__in=self.projects)
            inherited = inherited.filter(project__in=self.projects)
        return [Subquery(rows.values(column)[:1]) for rows in (own, inherited)]

    def find_periods(
        self, rows: "QuerySet[Any]", organization: Organization, moment: str
    ) -> "QuerySet[Any]":
        """Returns the periods of the tag that include the moment of the outer query."""
        holding = Q(ends_on=None) | Q(ends_on__gt=OuterRef(moment))
        return rows.filter(
            holding, name=self.name, starts_on__lte=OuterRef(moment), tag__organization=organization
        )

    def build_condition(
        self, tags: Collection[int], organization: Organization, moment: str, prefix: str = ""
    ) -> Q:
        """Returns the condition that the tag is one of these, or with NO_TAG that there is none."""
        return Q(In(self.build_id(organization, moment, prefix), list(tags)))

    def find_tags(self, organization: Organization) -> "QuerySet[Tag]":
        """Returns the tags with this name that the reader may know."""
        return find_visible_tags(organization, self.projects).filter(name=self.name)


AnyDimension = Dimension | TagDimension


def find_project(prefix: str) -> Case:
    """Returns the project whose tags usage of the outer query has."""
    reason, intended = OuterRef(f"{prefix}reason"), OuterRef(f"{prefix}intended_project_id")
    billed = OuterRef(f"{prefix}project_id")
    intended_or_billed = Coalesce(
        NullIf(intended, Value(0), output_field=BigIntegerField()),
        billed,
        output_field=BigIntegerField(),
    )
    return Case(
        When(Exact(reason, Value(Reason.EXTERNAL_HOME.value)), then=billed),
        default=intended_or_billed,
        output_field=BigIntegerField(),
    )


def find_visible_tags(
    organization: Organization, projects: frozenset[int] | None
) -> "QuerySet[Tag]":
    """Returns the tags of an organization, or those that one of these projects or their keys have or had."""
    tags = Tag.objects.filter(organization=organization)
    if projects is None:
        return tags
    own = ProjectTag.objects.filter(project__in=projects).values("tag_id")
    of_keys = KeyTag.objects.filter(api_key__project__in=projects).values("tag_id")
    return tags.filter(Q(pk__in=own) | Q(pk__in=of_keys))


class JoinedNames(Aggregate):
    """The different names of tags with commas between them, which names do not have."""

    function, template = "GROUP_CONCAT", "%(function)s(DISTINCT %(expressions)s)"
    output_field = CharField()

    def as_postgresql(self, compiler: Any, connection: Any) -> Any:
        template = "STRING_AGG(DISTINCT %(expressions)s, ',')"
        return self.as_sql(compiler, connection, template=template)


def join_names(tags: "QuerySet[Tag]", most: int) -> Subquery:
    """Returns the first names of the tags of an organization, joined, as a part of another query."""
    first = tags.order_by("name").values("name").distinct()[:most]
    named = Tag.objects.filter(pk__in=tags.values("pk"), name__in=first).order_by()
    joined = named.values("organization").annotate(names=JoinedNames("name"))
    return Subquery(joined.values("names"), output_field=CharField())


def parse_names(parameters: Iterable[str]) -> list[str]:
    """Returns the names of the tags among parameters such as `tag:team` and `exclude_tag:team`."""
    matches = (PARAMETER.fullmatch(each.removeprefix("exclude_")) for each in parameters)
    return list(dict.fromkeys(match["name"] for match in matches if match))
