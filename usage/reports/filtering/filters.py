"""What a report's page filters, and URLs with other parameters."""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from django.http import QueryDict

from usage.enums import Dimension
from usage.reports.forms import EXCLUDE, ReportForm
from usage.reports.labels import NO_MODEL, NO_VALUE, NONE, Label, fetch_labels
from usage.reports.tags import PREFIX, AnyDimension, TagDimension

PAGE_PARAMETER = "page"
# What the filter's own page searches for among values.
SEARCH = "find"
# In URLs that switch to another project or organization, whose people and models differ.
CARRIED = "carried"


class FilterLink(NamedTuple):
    label: str
    url: str
    current: bool = False


class ReportUrl:
    """URLs of the report that differ from the current one in a few parameters."""

    def __init__(self, query: QueryDict) -> None:
        self.query = query.copy()
        for name in (PAGE_PARAMETER, "format", "bom", SEARCH):
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


def build_query_elsewhere(query: QueryDict, dropped: Iterable[Dimension]) -> str:
    """Returns the query with which other usage is displayed in the same way, '' for none.

    Without the filters by `dropped` dimensions. What else does not exist there is dropped there: see
    `drop_missing`.
    """
    url = ReportUrl(query)
    names = [name for each in dropped for name in (each.value, EXCLUDE + each.value)]
    kept = url.build(**dict.fromkeys(names, ""))
    return f"{kept}&{CARRIED}=1" if kept != "?" else ""


def drop_missing(form: ReportForm, url: ReportUrl) -> str:
    """Returns the query without the values that do not exist here, after a switch from other usage."""
    form.is_valid()
    kept = ReportUrl(url.query)
    for name, references in form.missing.items():
        values = [value for value in kept.query.getlist(name) if value not in references]
        kept.query.setlist(name, values)
    return kept.build(**{CARRIED: ""})


def list_hidden_fields(query: QueryDict, names: Iterable[str]) -> list[tuple[str, str]]:
    """Returns the parameters of the URL with these names, in its order, for a form to send them along."""
    requested = set(names)
    return [
        (name, value)
        for name, values in query.lists()
        if name in requested
        for value in values
        if value
    ]


# The parameters of a report besides its filter.
SETTINGS = ("start", "end", "measure", "granularity", "group_by", "unit")
FILTERS = [name for dimension in Dimension for name in (dimension.value, EXCLUDE + dimension.value)]
Names = Mapping[AnyDimension, Mapping[str, str]]


def list_filters(query: QueryDict) -> list[str]:
    """Returns the parameters of a report's filter, with those of the tags in the query."""
    return [*FILTERS, *(name for name in query if name.startswith((PREFIX, EXCLUDE + PREFIX)))]


def name_all_choices(form: ReportForm, groups: Mapping[int, Label]) -> Names:
    """Returns the names of the chosen values of a valid form, by dimension and reference.

    `groups` are the labels of the groups of its report.
    """
    return {dimension: name_choices(form, dimension, groups) for dimension in form.dimensions}


def build_chips(form: ReportForm, names: Names, url: ReportUrl) -> list[FilterLink]:
    """Returns the chosen values, each with the URL that removes it."""
    chips = []
    for dimension in form.dimensions:
        for name, text in ((dimension.value, "{}"), (EXCLUDE + dimension.value, "not {}")):
            for reference in form.read_references(name):
                value = text.format(names[dimension].get(reference, reference))
                chips.append(FilterLink(f"{dimension.label}: {value}", url.remove(name, reference)))
    return chips


def name_choices(
    form: ReportForm, dimension: AnyDimension, groups: Mapping[int, Label] | None = None
) -> dict[str, str]:
    """Returns the names of the chosen values of a dimension by their references.

    `groups` are labels that need not be read again.
    """
    if dimension == Dimension.PRODUCT:
        return {item.product.code: item.product.name for item in form.items}
    if dimension == Dimension.LINE_ITEM:
        return {item.code: item.name for item in form.items}
    if dimension == Dimension.MODEL:
        return {NONE: NO_MODEL}
    if isinstance(dimension, TagDimension):
        return {NONE: NO_VALUE}  # others are called by their value
    names = (dimension.value, EXCLUDE + dimension.value)
    chosen = {pk for name in names for pk in form.cleaned_data.get(name, ())}
    labels = (groups or {}) if dimension == form.cleaned_data.get("group_by") else {}
    if missing := chosen - labels.keys():
        labels = {**labels, **fetch_labels(form.scope, dimension, missing)}
    return {label.reference: label.text for label in labels.values()}
