"""From a group of a report into its parts, and back: project, product, model, API key, day."""

from dataclasses import dataclass

from usage.enums import Dimension, Step
from usage.reports.filtering.filters import FilterLink, Names, ReportUrl
from usage.reports.forms import EXCLUDE, ReportForm
from usage.reports.labels import Label
from usage.reports.tags import AnyDimension, TagDimension

# By what a report of a single group is grouped next. API keys are followed by days.
ORDER = (Dimension.PROJECT, Dimension.PRODUCT, Dimension.MODEL, Dimension.API_KEY)
AFTER_OTHERS = {Dimension.LINE_ITEM: Dimension.MODEL, Dimension.COLLABORATOR: Dimension.API_KEY}


def list_narrowed(form: ReportForm) -> list[AnyDimension]:
    """Returns the dimensions that have a single value, in the order of the URL."""
    dimensions = {dimension.value: dimension for dimension in form.dimensions}
    chosen = [dimensions[name] for name in form.query if name in dimensions]
    return [each for each in chosen if len(form.read_references(each.value)) == 1]


@dataclass(frozen=True)
class GroupLinks:
    """The URLs of the reports of single groups of a report, grouped by what comes next."""

    url: ReportUrl
    dimension: AnyDimension
    following: Dimension | None
    by_hour: bool

    @classmethod
    def of(
        cls, form: ReportForm, url: ReportUrl, group_by: AnyDimension, step: Step
    ) -> "GroupLinks":
        narrowed = list_narrowed(form)
        order = [each for each in ORDER if each in form.dimensions]
        if isinstance(group_by, TagDimension):
            start = 0
        else:
            first = AFTER_OTHERS.get(group_by)
            start = order.index(first) if first else order.index(group_by) + 1
        following = next((each for each in order[start:] if each not in narrowed), None)
        return cls(url, group_by, following, step == Step.HOUR)

    def build(self, label: Label, product: str = "") -> str:
        """Returns the URL for a group. `product` is that of a line item: its code is unique there only."""
        name = self.dimension.value
        changes = {name: label.reference, EXCLUDE + name: ""}
        if self.dimension == Dimension.LINE_ITEM:
            changes |= {Dimension.PRODUCT.value: product, EXCLUDE + Dimension.PRODUCT.value: ""}
        if self.following:
            return self.url.build(**changes, group_by=self.following.value)
        step = "" if self.by_hour else Step.DAY.value
        return self.url.build(**changes, group_by=Dimension.LINE_ITEM.value, granularity=step)


def build_breadcrumbs(form: ReportForm, names: Names, url: ReportUrl) -> list[FilterLink]:
    """Returns the links from all usage to what the report is narrowed down to.

    Each report on the way is grouped by what comes after it. The last link is the report itself.
    """
    narrowed = list_narrowed(form)
    if not narrowed:
        return []
    labels = ["All usage"]
    for dimension in narrowed:
        (reference,) = form.read_references(dimension.value)
        labels.append(f"{dimension.label}: {names[dimension].get(reference, reference)}")
    urls = [
        url.build(**{each.value: "" for each in narrowed[at:]}, group_by=dimension.value)
        for at, dimension in enumerate(narrowed)
    ]
    links = [FilterLink(label, link) for label, link in zip(labels, urls, strict=False)]
    return [*links, FilterLink(labels[-1], "", current=True)]
