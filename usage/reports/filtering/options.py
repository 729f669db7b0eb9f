"""What can be chosen in the filter of a report: the values of each dimension by name."""

from collections import defaultdict
from typing import NamedTuple

from django.db.models import Q, QuerySet, Window
from django.db.models.functions import Coalesce, RowNumber

from accounts.models import User
from accounts.searching import fold, match_words, split_words
from usage.enums import Dimension
from usage.reports.filtering.filters import name_choices
from usage.reports.forms import EXCLUDE, ReportForm
from usage.reports.labels import NO_KEY, NO_MODEL, NO_PERSON, NO_VALUE, NONE
from usage.reports.scope import MAX_OPTIONS, UsageScope
from usage.reports.tags import AnyDimension, TagDimension, find_visible_tags


class FilterOption(NamedTuple):
    """A value of a dimension, and whether it is included or excluded."""

    reference: str
    label: str
    included: bool
    excluded: bool


class FilterGroup(NamedTuple):
    """The options of a dimension; the group is open if one of them is selected or searched for."""

    dimension: AnyDimension
    options: list[FilterOption]
    search: str

    @property
    def is_open(self) -> bool:
        return any(option.included or option.excluded for option in self.options) or bool(
            self.search and self.options
        )

    @property
    def is_cut_off(self) -> bool:
        """Whether there may be more options than those listed."""
        return len(self.options) >= MAX_OPTIONS


def build_groups(scope: UsageScope, form: ReportForm, search: str = "") -> list[FilterGroup]:
    """Returns the options of each dimension that match `search`. Selected values are always among them."""
    groups = []
    form.is_valid()
    values = fetch_tag_values(scope, search)
    named = [tag for tag in form.tags if tag not in scope.tag_dimensions]
    dimensions: list[AnyDimension] = [*scope.dimensions, *scope.tag_dimensions, *named]
    for dimension in dimensions:
        if isinstance(dimension, TagDimension):
            options = {value: value for value in values.get(dimension.name, ())}
            options |= select_matching({NONE: NO_VALUE}, search)
        else:
            options = fetch_options(scope, form, dimension, search)
        included = form.read_references(dimension.value)
        excluded = form.read_references(EXCLUDE + dimension.value)
        unlisted = [text for text in (*included, *excluded) if text not in options]
        if unlisted:
            names = name_choices(form, dimension)
            options |= {reference: names.get(reference, reference) for reference in unlisted}
        group = [
            FilterOption(reference, label, reference in included, reference in excluded)
            for reference, label in options.items()
        ]
        groups.append(FilterGroup(dimension, group, search))
    return groups


def fetch_options(
    scope: UsageScope, form: ReportForm, dimension: Dimension, search: str
) -> dict[str, str]:
    """Returns the first values of a dimension by name that match: how URLs and how people call them."""
    if dimension == Dimension.PRODUCT:
        named = {item.product.code: item.product.name for item in form.items}
        return select_matching(named, search)
    if dimension == Dimension.LINE_ITEM:
        return select_matching({item.code: item.name for item in form.items}, search)
    if dimension == Dimension.PROJECT:
        projects = scope.organization.projects.filter(match_words(search, "search_text"))
        listed = projects.order_by("-is_default", "search_text", "pk")[:MAX_OPTIONS]
        return {project.slug: project.name for project in listed}
    if dimension == Dimension.MODEL:
        return fetch_models(scope, form, search)
    if dimension == Dimension.API_KEY:
        keys = {key.public_id: key.name for key in scope.list_keys(search)}
        return {**keys, **select_matching({NONE: NO_KEY}, search)}
    people = {user.public_id: user.name for user in list_people(scope, search)}
    accounts = {account.public_id: account.name for account in scope.list_service_accounts(search)}
    return {**people, **accounts, **select_matching({NONE: NO_PERSON}, search)}


def fetch_tag_values(scope: UsageScope, search: str) -> dict[str, list[str]]:
    """Returns the first matching values of each tag, in one query."""
    tags = find_visible_tags(scope.organization, scope.tagged_projects)
    for word in split_words(search):
        tags = tags.filter(value__icontains=word)
    position = Window(RowNumber(), partition_by="name", order_by="value")
    first = tags.annotate(position=position).filter(position__lte=MAX_OPTIONS)
    values: dict[str, list[str]] = defaultdict(list)
    for name, value in first.order_by("name", "value").values_list("name", "value"):
        values[name].append(value)
    return values


def select_matching(named: dict[str, str], search: str) -> dict[str, str]:
    """Returns the values whose name has all the words."""
    words = split_words(search)
    return {
        reference: name
        for reference, name in named.items()
        if all(word in fold(name) for word in words)
    }


def fetch_models(scope: UsageScope, form: ReportForm, search: str) -> dict[str, str]:
    """Returns the models of the period's usage by their canonical names, found by any name sent."""
    used = scope.daily_totals(form.period)
    used = used.annotate(canonical=Coalesce("model__canonical__name", "model__name"))
    for word in split_words(search):
        used = used.filter(Q(model__name__icontains=word) | Q(canonical__icontains=word))
    names = used.order_by("canonical").values_list("canonical", flat=True).distinct()[:MAX_OPTIONS]
    return {name or NONE: name or NO_MODEL for name in names}


def list_people(scope: UsageScope, search: str) -> QuerySet[User]:
    people = User.objects.filter(memberships__organization=scope.organization)
    if scope.project and not scope.project.is_default:
        people = User.objects.filter(collaborations__project=scope.project) | people
    return (
        people.filter(match_words(search, "search_text"))
        .only("name", "public_id", "search_text")
        .distinct()
        .order_by("search_text", "pk")[:MAX_OPTIONS]
    )
