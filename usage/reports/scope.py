"""Whose usage a report is of, and what it lets through: as conditions on totals, and on records."""

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Self

from django.db.models import Q, QuerySet

from accounts.access.organization import OrganizationAccess
from accounts.models import Organization
from accounts.models.principals import Principal
from keys.models import ApiKey
from projects.access import ProjectAccess
from projects.models import Project
from usage.enums import Dimension
from usage.models import DailyTotal, HourlyTotal, LineItem
from usage.models.totals import TotalQuerySet
from usage.reports.periods import Period

# In the totals' keys, and for what has neither a key's creator nor a user.
NOBODY = 0


class Items:
    """The catalogue's line items by primary key, each with its product; small, so read whole."""

    def __init__(self) -> None:
        self.all = {one.pk: one for one in LineItem.objects.select_related("product")}

    def __getitem__(self, pk: int) -> LineItem:
        return self.all[pk]

    def with_unit(self, unit: str) -> list[int]:
        return [one.pk for one in self.all.values() if one.unit == unit]


@dataclass(frozen=True)
class Scope:
    """Whose usage: that of an organization, or of one project of it, and who looks at it.

    `sees_all`: the viewer may open every project. Of the Organization Default Key only its Owner is to
    know: `knows_default_key`.
    """

    organization: Organization
    viewer: Principal
    project: Project | None = None
    sees_all: bool = False
    knows_default_key: bool = False

    @classmethod
    def of(cls, access: ProjectAccess | OrganizationAccess) -> Self:
        """Of the project or organization that somebody has entered."""
        return cls(
            access.organization,
            access.principal,
            getattr(access, "project", None),
            sees_all=access.may.projects_see_all,
            knows_default_key=access.may.default_key_manage,
        )

    @cached_property
    def items(self) -> Items:
        return Items()

    @property
    def dimensions(self) -> list[Dimension]:
        """What reports of it can be grouped and filtered by."""
        return [one for one in Dimension if one != Dimension.PROJECT or self.project is None]

    def narrow(self, rows: QuerySet[Any]) -> Any:
        """Those of totals or records that are in it."""
        rows = rows.filter(organization=self.organization)
        return rows.filter(project=self.project) if self.project else rows

    def days(self, period: Period) -> TotalQuerySet:
        found: TotalQuerySet = self.narrow(DailyTotal.objects.filter(day__range=period))
        return found

    def hours(self, start: dt.datetime, end: dt.datetime) -> TotalQuerySet:
        found: TotalQuerySet = self.narrow(
            HourlyTotal.objects.filter(hour__gte=start, hour__lt=end)
        )
        return found


@dataclass(frozen=True)
class Filter:
    """What a report lets through: `included` (no values: everything) without `excluded`.

    The values of products and line items are those of their line items; `NOBODY` stands for none.
    """

    included: Mapping[Dimension, Collection[int]] = field(default_factory=dict)
    excluded: Mapping[Dimension, Collection[int]] = field(default_factory=dict)

    def conditions(self, organization: Organization) -> Q:
        found = Q()
        for dimension, values in self.included.items():
            found &= condition(dimension, values, organization)
        for dimension, values in self.excluded.items():
            found &= ~condition(dimension, values, organization)
        return found


def condition(dimension: Dimension, values: Collection[int], organization: Organization) -> Q:
    """What is of one of the values; for totals, in which 0 is none, and for records with their nulls."""
    if dimension in (Dimension.PRODUCT, Dimension.LINE_ITEM):
        return Q(line_item__in=values)
    if dimension == Dimension.PROJECT:
        return Q(project__in=values)
    if dimension == Dimension.API_KEY:
        found = Q(api_key_id__in=values)
        return found | Q(api_key_id__isnull=True) if NOBODY in values else found
    keys = ApiKey.objects.in_organization(organization)
    made = keys.filter(created_by__in=values)
    found = Q(user_id__in=[one for one in values if one != NOBODY])
    found |= Q(api_key_id__in=made.values("pk"))
    if NOBODY in values:
        known = keys.filter(created_by__isnull=False)
        no_user = Q(user_id=NOBODY) | Q(user_id__isnull=True)
        no_key = Q(api_key_id__isnull=True) | ~Q(api_key_id__in=known.values("pk"))
        found |= no_user & no_key
    return found
