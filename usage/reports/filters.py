"""The filter of a report's page: its options, the selected ones, and URLs with other selections."""

from collections.abc import Iterable
from typing import NamedTuple

from django.db.models import QuerySet
from django.http import QueryDict

from accounts.models import User
from usage.enums import Dimension
from usage.reports.forms import EXCLUDE, ReportForm
from usage.reports.labels import NO_KEY, NO_MODEL, NO_PERSON, NONE
from usage.reports.scope import MAX_OPTIONS, UsageScope

PAGE_PARAMETER = "page"


class FilterLink(NamedTuple):
    label: str
    url: str
    current: bool = False


class FilterOption(NamedTuple):
    """A value of a dimension, and whether it is included or excluded."""

    reference: str
    label: str
    included: bool
    excluded: bool


class FilterGroup(NamedTuple):
    """The options of a dimension; the group is open if one of them is selected."""

    dimension: Dimension
    options: list[FilterOption]

    @property
    def is_open(self) -> bool:
        return any(option.included or option.excluded for option in self.options)


class ReportUrl:
    """URLs of the report that differ from the current one in a few parameters."""

    def __init__(self, query: QueryDict) -> None:
        self.query = query.copy()
        for name in (PAGE_PARAMETER, "format", "bom"):
            self.query.pop(name, None)

    def build(self, **changes: str) -> str:
        """Returns the URL with these parameters, without those that are ''."""
        changed = self.query.copy()
        for name, value in changes.items():
            if value:
                changed[name] = value
            else:
                changed.pop(name, None)
        return f"?{changed.urlencode()}"

    def remove(self, name: str, value: str) -> str:
        """Returns the URL without one of the values of a parameter."""
        changed = self.query.copy()
        changed.setlist(name, [other for other in changed.getlist(name) if other != value])
        return f"?{changed.urlencode()}"


def build_query_elsewhere(query: QueryDict) -> str:
    """Returns the query with which another project's usage is displayed in the same way.

    Without the filter by API key, as a key belongs to one project.
    """
    url = ReportUrl(query)
    key = Dimension.API_KEY.value
    kept = url.build(**{key: "", EXCLUDE + key: ""})
    return kept if kept != "?" else ""


def build_groups(
    scope: UsageScope, form: ReportForm, labels: dict[Dimension, dict[str, str]]
) -> list[FilterGroup]:
    """Returns the options of each dimension. Selected values are always among them."""
    groups = []
    for dimension in scope.dimensions:
        options = {**fetch_options(scope, form, dimension), **labels.get(dimension, {})}
        included = form.read_references(dimension.value)
        excluded = form.read_references(EXCLUDE + dimension.value)
        selected = (*included, *excluded)
        unlisted = [reference for reference in selected if reference not in options]
        if len(options) > MAX_OPTIONS:
            kept = {*list(options)[:MAX_OPTIONS], *selected}
            options = {
                reference: label for reference, label in options.items() if reference in kept
            }
        options |= {reference: reference for reference in unlisted}
        group = [
            FilterOption(reference, label, reference in included, reference in excluded)
            for reference, label in options.items()
        ]
        groups.append(FilterGroup(dimension, group))
    return groups


def fetch_options(scope: UsageScope, form: ReportForm, dimension: Dimension) -> dict[str, str]:
    """Returns the first values of a dimension by name: how URLs and how people call them."""
    if dimension == Dimension.PRODUCT:
        return {item.product.code: item.product.name for item in form.items}
    if dimension == Dimension.LINE_ITEM:
        return {item.code: item.name for item in form.items}
    organization = scope.organization
    if dimension == Dimension.PROJECT:
        projects = organization.projects.order_by("-is_default", "search_text", "pk")
        return {project.slug: project.name for project in projects[:MAX_OPTIONS]}
    if dimension == Dimension.MODEL:
        used = scope.daily_totals(form.period).order_by("model__name")
        names = used.values_list("model__name", flat=True).distinct()[:MAX_OPTIONS]
        return {name or NONE: name or NO_MODEL for name in names}
    if dimension == Dimension.API_KEY:
        return {**{key.public_id: key.name for key in scope.named_keys}, NONE: NO_KEY}
    people = {user.public_id: user.name for user in list_people(scope)}
    accounts = {key.service_account for key in scope.named_keys if key.service_account}
    named = sorted((account.search_text, account.public_id, account.name) for account in accounts)
    return {**people, **{public_id: name for _, public_id, name in named}, NONE: NO_PERSON}


def list_people(scope: UsageScope) -> QuerySet[User]:
    people = User.objects.filter(memberships__organization=scope.organization)
    if scope.project and not scope.project.is_default:
        people = User.objects.filter(collaborations__project=scope.project) | people
    return (
        people.only("name", "public_id", "search_text")
        .distinct()
        .order_by("search_text", "pk")[:MAX_OPTIONS]
    )


def build_chips(groups: Iterable[FilterGroup], url: ReportUrl) -> Iterable[FilterLink]:
    """Yields the selected options, each with the URL that removes it."""
    for group in groups:
        name, label = group.dimension.value, group.dimension.label
        for option in group.options:
            if option.included:
                yield FilterLink(f"{label}: {option.label}", url.remove(name, option.reference))
            if option.excluded:
                without = url.remove(EXCLUDE + name, option.reference)
                yield FilterLink(f"{label}: not {option.label}", without)
