"""Whose usage a report covers and what it filters, as conditions on totals and on series."""

import datetime as dt
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from operator import attrgetter
from typing import Any, Self

from django.db.models import Model, Q, QuerySet, Value

from accounts.access.organization import OrganizationAccess
from accounts.models import Organization
from accounts.models.principals import Principal
from accounts.searching import match_words
from keys.models import ApiKey
from projects.access import ProjectAccess
from projects.models import Project, ServiceAccount, Tag
from usage.enums import Dimension
from usage.ids import LineItemId
from usage.models import DailyTotal, HourlyTotal, LineItem, Product
from usage.models.totals import TotalQuerySet
from usage.periods import Period
from usage.reports.tags import AnyDimension, JoinedTag, TagDimension, find_visible_tags, join_names

# In the keys of totals, and for usage with neither a user nor a key whose creator is known.
NO_ID = 0
# So many keys, projects and people, and values of tags, each can be chosen by name.
MAX_OPTIONS = 50


class LineItems:
    """The catalogue, which is small enough to be read at once: products, and line items with theirs."""

    def __init__(self, tags: QuerySet[Tag] | None = None) -> None:
        """Also reads the names of these tags, which would take a query of their own."""
        product_names, item_names = list_columns(Product), list_columns(LineItem)
        names = (*product_names, *(f"line_items__{name}" for name in item_names))
        tag_names = Value("") if tags is None else join_names(tags, MAX_OPTIONS)
        rows = Product.objects.order_by("pk").annotate(tag_names=tag_names)
        self.products: dict[int, Product] = {}
        self.tag_names: list[str] = []
        items = []
        for joined, *row in rows.values_list("tag_names", *names):
            self.tag_names = sorted(filter(None, (joined or "").split(",")))
            own, of_item = row[: len(product_names)], row[len(product_names) :]
            product = Product.from_db(None, product_names, own)
            product = self.products.setdefault(product.pk, product)
            if of_item[0] is not None:  # the product has line items
                items.append(LineItem.from_db(None, item_names, of_item))
                items[-1].product = product
        items.sort(key=attrgetter("pk"))
        self.by_id = {LineItemId(item.pk): item for item in items}

    def __getitem__(self, pk: LineItemId) -> LineItem:
        return self.by_id[pk]

    def __iter__(self) -> Iterator[LineItem]:
        return iter(self.by_id.values())

    def with_unit(self, unit: str) -> list[LineItemId]:
        return [pk for pk, item in self.by_id.items() if item.unit == unit]


def list_columns(model: type[Model]) -> list[str]:
    """Returns the names of the columns with which an instance is made, the primary key first."""
    return [field.attname for field in model._meta.concrete_fields]


@dataclass(frozen=True)
class UsageScope:
    """Whose usage is reported, that of an organization or of one of its projects, and who reads it.

    `sees_all`: the viewer may open every project. `knows_default_key`: the viewer may know the Default Key
    of the organization, as its Owner does.
    """

    organization: Organization
    viewer: Principal
    project: Project | None = None
    sees_all: bool = False
    knows_default_key: bool = False

    @classmethod
    def of(cls, access: ProjectAccess | OrganizationAccess) -> Self:
        """Returns the scope of a project's or organization's page."""
        return cls(
            access.organization,
            access.principal,
            access.project if isinstance(access, ProjectAccess) else None,
            sees_all=access.may.projects_see_all,
            knows_default_key=access.may.default_key_manage,
        )

    @cached_property
    def items(self) -> LineItems:
        return LineItems(find_visible_tags(self.organization, self.tagged_projects))

    @cached_property
    def key_creators(self) -> dict[int, int]:
        """The owners of keys by primary key: collaborators as `build_condition` takes them."""
        keys = ApiKey.objects.in_organization(self.organization)
        rows = keys.values_list("pk", "created_by", "service_account")
        owners = {pk: -account if account else user for pk, user, account in rows}
        return {pk: owner for pk, owner in owners.items() if owner}

    def list_keys(self, search: str = "") -> list[ApiKey]:
        """Returns the first matching keys of the project or the organization by name."""
        keys = ApiKey.objects.in_organization(self.organization).listed()
        if self.project:
            keys = keys.filter(project=self.project)
        matching = keys.filter(match_words(search, "search_text"))
        return list(matching.order_by("search_text", "pk")[:MAX_OPTIONS])

    def list_service_accounts(self, search: str = "") -> list[ServiceAccount]:
        """Returns the first matching service accounts that have keys, likewise."""
        accounts = ServiceAccount.objects.filter(project__organization=self.organization)
        if self.project:
            accounts = accounts.filter(project=self.project)
        matching = accounts.filter(match_words(search, "search_text"), api_keys__isnull=False)
        return list(matching.distinct().order_by("search_text", "pk")[:MAX_OPTIONS])

    @property
    def dimensions(self) -> list[Dimension]:
        """What reports of the scope can be grouped and filtered by."""
        return [
            dimension
            for dimension in Dimension
            if dimension != Dimension.PROJECT or self.project is None
        ]

    @cached_property
    def tagged_projects(self) -> frozenset[int] | None:
        """The projects whose tags the viewer may know; None for all of the organization."""
        if self.project and not self.project.is_default:
            return frozenset([self.project.pk])
        if self.sees_all or self.project is None:
            return None
        visible = Project.objects.visible_to(self.viewer).filter(organization=self.organization)
        return frozenset(visible.values_list("pk", flat=True))

    def make_tag_dimension(self, name: str) -> TagDimension:
        return TagDimension(name, self.tagged_projects)

    @cached_property
    def tag_dimensions(self) -> list[TagDimension]:
        """The tags that reports of the scope can be grouped and filtered by, the first ones by name."""
        return [self.make_tag_dimension(name) for name in self.items.tag_names]

    def narrow(self, rows: QuerySet[Any]) -> Any:
        """Returns the totals or series that are in the scope."""
        rows = rows.filter(organization=self.organization)
        return rows.filter(project=self.project) if self.project else rows

    def daily_totals(self, period: Period) -> TotalQuerySet:
        totals: TotalQuerySet = self.narrow(DailyTotal.objects.filter(day__range=period))
        return totals

    def hourly_totals(self, start: dt.datetime, end: dt.datetime) -> TotalQuerySet:
        hours = HourlyTotal.objects.filter(hour__gte=start, hour__lt=end)
        totals: TotalQuerySet = self.narrow(hours)
        return totals


@dataclass(frozen=True)
class ReportFilter:
    """What a report includes (everything, if a dimension has no values) and excludes.

    Products and line items are given as line items; NO_ID stands for usage without a key, person or tag.
    """

    included: Mapping[AnyDimension, Collection[int]] = field(default_factory=dict)
    excluded: Mapping[AnyDimension, Collection[int]] = field(default_factory=dict)

    @property
    def is_empty(self) -> bool:
        return not (self.included or self.excluded)

    def build_conditions(self, organization: Organization) -> Q:
        """Returns the conditions on totals and series, without those on tags."""
        conditions = Q()
        for dimension, values in self.included.items():
            if isinstance(dimension, Dimension):
                conditions &= build_condition(dimension, values, organization)
        for dimension, values in self.excluded.items():
            if isinstance(dimension, Dimension):
                conditions &= ~build_condition(dimension, values, organization)
        return conditions

    def build_tag_conditions(self, tags: Mapping[TagDimension, JoinedTag]) -> Q:
        """Returns the conditions on the tags of rows that `join_tags` has joined."""
        conditions = Q()
        for dimension, values in self.included.items():
            if isinstance(dimension, TagDimension):
                conditions &= tags[dimension].build_condition(values)
        for dimension, values in self.excluded.items():
            if isinstance(dimension, TagDimension):
                conditions &= ~tags[dimension].build_condition(values)
        return conditions


def build_condition(dimension: Dimension, values: Collection[int], organization: Organization) -> Q:
    """Returns a condition that fits totals, where a missing id is 0, and series, where it is NULL.

    Of collaborators, people have their primary keys, and service accounts the negative of theirs.
    """
    if dimension in (Dimension.PRODUCT, Dimension.LINE_ITEM):
        return Q(line_item__in=values)
    if dimension == Dimension.PROJECT:
        return Q(project__in=values)
    if dimension == Dimension.MODEL:
        return Q(model__in=values)
    if dimension == Dimension.API_KEY:
        condition = Q(api_key_id__in=values)
        return condition | Q(api_key_id__isnull=True) if NO_ID in values else condition
    keys = ApiKey.objects.in_organization(organization)
    people = [pk for pk in values if pk > NO_ID]
    accounts = [-pk for pk in values if pk < NO_ID]
    own_keys = keys.filter(
        Q(created_by__in=people, service_account__isnull=True) | Q(service_account__in=accounts)
    )
    condition = Q(user_id__in=people)
    condition |= Q(api_key_id__in=own_keys.values("pk"))
    if NO_ID in values:
        has_owner = Q(created_by__isnull=False) | Q(service_account__isnull=False)
        keys_with_creator = keys.filter(has_owner)
        no_user = Q(user_id=NO_ID) | Q(user_id__isnull=True)
        no_key = Q(api_key_id__isnull=True) | ~Q(api_key_id__in=keys_with_creator.values("pk"))
        condition |= no_user & no_key
    return condition
