"""Tags as dimensions of reports: a total has the value that its key, or else its project, had on its day.

The project is the intended one, wherever the usage is billed, because that is the key's. Usage that an
external collaborator's own organization pays for has the tags of the project there.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import (
    Aggregate,
    BigIntegerField,
    Case,
    CharField,
    F,
    Field,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.expressions import Col
from django.db.models.functions import Coalesce, NullIf
from django.db.models.lookups import Exact, In
from django.db.models.sql.datastructures import BaseTable

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

    def join(
        self, rows: "QuerySet[Any]", organization: Organization, moment: str, prefix: str = ""
    ) -> "tuple[Any, JoinedTag]":
        """Returns totals or records joined with their tags, and the tag that each of them has.

        `moment` is their column with the day, or with a time on it: both databases compare a day with a
        time as with its midnight. `prefix` leads to the other columns.
        """
        own: QuerySet[Any] = KeyTag.objects.annotate(owner=F("api_key_id"))
        inherited: QuerySet[Any] = ProjectTag.objects.annotate(owner=F("project_id"))
        if self.projects is not None:
            own = own.filter(api_key__project__in=self.projects)
            inherited = inherited.filter(project__in=self.projects)
        joined, tag = rows.all(), {"name": self.name, "tag__organization": organization}
        key, project = F(f"{prefix}api_key_id"), find_project(prefix)
        return joined, JoinedTag(
            join_periods(joined, "key_tag", own.filter(**tag), key, moment),
            join_periods(joined, "project_tag", inherited.filter(**tag), project, moment),
        )

    def find_tags(self, organization: Organization) -> "QuerySet[Tag]":
        """Returns the tags with this name that the reader may know."""
        return find_visible_tags(organization, self.projects).filter(name=self.name)


AnyDimension = Dimension | TagDimension


def find_project(prefix: str) -> Case:
    """Returns the project whose tags usage has."""
    billed = F(f"{prefix}project_id")
    intended_or_billed = Coalesce(
        NullIf(F(f"{prefix}intended_project_id"), Value(0), output_field=BigIntegerField()),
        billed,
        output_field=BigIntegerField(),
    )
    return Case(
        When(Exact(F(f"{prefix}reason"), Value(Reason.EXTERNAL_HOME.value)), then=billed),
        default=intended_or_billed,
        output_field=BigIntegerField(),
    )


class JoinedTag(NamedTuple):
    """The tag that rows have, by the aliases of the joined periods of their keys and projects."""

    own: str
    inherited: str

    def build_id(self) -> Coalesce:
        """Returns the primary key of the tag, or NO_TAG, as an expression."""
        return self.build_first("tag_id", BigIntegerField(), NO_TAG)

    def build_text(self) -> Coalesce:
        """Returns the value of the tag, or '', likewise."""
        return self.build_first("value", CharField(), "")

    def build_condition(self, tags: Collection[int]) -> Q:
        """Returns the condition that the tag is one of these, or with NO_TAG that there is none."""
        return Q(In(self.build_id(), list(tags)))

    def build_first(self, column: str, field: "Field[Any, Any]", default: int | str) -> Coalesce:
        field.column = column
        columns = [Col(alias, field) for alias in (self.own, self.inherited)]
        return Coalesce(*columns, Value(default), output_field=field)


class PeriodJoin(BaseTable):
    """A left join with the periods that include the moment of a row: at most one of an owner does.

    Django can express a subquery instead, but databases run that for each row: a month by the hour took 20
    times as long as without tags.
    """

    def __init__(
        self, name: str, alias: str | None, periods: "QuerySet[Any]", owner: Any, moment: Any
    ) -> None:
        super().__init__(name, alias)
        self.periods, self.owner, self.moment = periods, owner, moment

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, tuple[Any, ...]]:
        inner, values = self.periods.query.get_compiler(connection=connection).as_sql()
        owner, owner_values = compiler.compile(self.owner)
        moment, moment_values = compiler.compile(self.moment)
        alias = compiler.quote_name_unless_alias(self.table_alias)
        joined = (
            f"LEFT OUTER JOIN ({inner}) {alias} ON ({alias}.owner = {owner} "
            f"AND {alias}.starts_on <= {moment} "
            f"AND ({alias}.ends_on IS NULL OR {alias}.ends_on > {moment}))"
        )
        return joined, (*values, *owner_values, *moment_values, *moment_values)

    def relabeled_clone(self, change_map: dict[str | None, str]) -> "PeriodJoin":
        alias = change_map.get(self.table_alias, self.table_alias)
        owner, moment = (each.relabeled_clone(change_map) for each in (self.owner, self.moment))
        return PeriodJoin(self.table_name, alias, self.periods, owner, moment)


def join_periods(
    rows: "QuerySet[Any]", name: str, periods: "QuerySet[Any]", owner: Any, moment: str
) -> str:
    """Adds the join to the query of the rows. Returns its alias, which is `name` for the first of them."""
    columns = periods.order_by().values(
        "owner", "starts_on", "ends_on", "tag_id", value=F("tag__value")
    )
    resolved = [each.resolve_expression(rows.query) for each in (owner, F(moment))]
    alias, _ = rows.query.table_alias(name, create=True)
    rows.query.alias_map[alias] = PeriodJoin(name, alias, columns, *resolved)
    return alias


def join_tags(
    rows: Any,
    tags: Iterable[TagDimension],
    organization: Organization,
    moment: str,
    prefix: str = "",
) -> tuple[Any, dict[TagDimension, JoinedTag]]:
    """Returns the rows joined with all these tags; see `TagDimension.join`."""
    joined = {}
    for tag in tags:
        rows, joined[tag] = tag.join(rows, organization, moment, prefix)
    return rows, joined


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
