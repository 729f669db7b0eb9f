"""What was meant for one project and is billed in another, and why: for either of the two.

Two tenants meet here when an external collaborator's own organization pays. The readers of the shared
project learn how much that is and not whose; the paying one learns what the project is called, nothing else.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple

from projects.models import Project
from usage.enums import Reason
from usage.models import DailyTotal
from usage.models.totals import Summed
from usage.reports import formatting as shown
from usage.reports.labels import known_projects
from usage.reports.periods import Period
from usage.reports.scope import Scope

MOST = 50  # lines; the rest are one more
PRODUCT = ("line_item__product__name", "line_item__product__multi_project")
HIDDEN = 0  # stands for the projects that the reader cannot open
DEFAULT_PROJECT, THEIR_OWN = "Default Project", "External collaborators’ own organizations"
SHARED = "Shared by another organization"


class Line(NamedTuple):
    """What has one reason. `first` and `second` are what the heads of `Elsewhere` say."""

    first: str
    second: str
    why: str
    cost: int
    whole: int
    note: str = ""

    @property
    def share(self) -> str:
        return shown.share(self.cost, self.whole)

    @property
    def money(self) -> str:
        return shown.money(self.cost)

    @property
    def exact(self) -> str:
        return shown.exact_money(self.cost)


@dataclass(frozen=True)
class Elsewhere:
    """A section of a usage page."""

    title: str
    text: str
    heads: tuple[str, str]
    lines: list[Line]

    @property
    def first_lines(self) -> list[Line]:
        return self.lines[:MOST]

    @property
    def rest(self) -> list[Line]:
        return self.lines[MOST:]

    @property
    def rest_money(self) -> str:
        return shown.money(sum(one.cost for one in self.rest))


def elsewhere(scope: Scope, period: Period) -> Elsewhere | None:
    """Of a project what is billed elsewhere; of a Default Project or an organization what was for others."""
    project = scope.project
    if project is None or project.is_default:
        return meant_for_others(scope, period)
    return billed_elsewhere(scope, project, period)


def billed_elsewhere(scope: Scope, project: Project, period: Period) -> Elsewhere | None:
    totals = DailyTotal.objects.filter(day__range=period, meant_project_id=project.pk)
    found = used(totals.elsewhere().summed(*PRODUCT, "reason"))
    if not found:
        return None
    (here,) = scope.days(period).summed()
    cost = sum(one.cost for one in found)
    whole = here.cost + cost
    lines = []
    for one in found:
        product, multi_project, reason = one.key
        place = THEIR_OWN if reason == Reason.EXTERNAL_HOME else DEFAULT_PROJECT
        reasoned = why(product, multi_project=multi_project, reason=reason)
        lines.append(Line(product, place, reasoned, one.cost, whole))
    text = said(cost, whole, f"of what was meant for this project in {period.spoken}")
    heads = ("Product", "Billed to")
    return Elsewhere("Meant for this project, billed elsewhere", text, heads, ordered(lines))


def meant_for_others(scope: Scope, period: Period) -> Elsewhere | None:
    totals = scope.days(period)
    found = used(totals.elsewhere().summed("meant_project_id", *PRODUCT, "reason"))
    if not found:
        return None
    (whole,) = totals.summed()
    meant = MeantFor(scope, {one.key[0] for one in found})
    costs: dict[tuple[Any, ...], int] = defaultdict(int)
    for one in found:
        project, product, multi_project, reason = one.key
        reasoned = why(product, multi_project=multi_project, reason=reason)
        costs[(*meant.named(project), product, reasoned)] += one.cost
    lines = [
        Line(name, product, reasoned, cost, whole.cost, note)
        for (_, name, note, product, reasoned), cost in costs.items()
    ]
    place = "of this project’s usage" if scope.project else "of all usage"
    cost = sum(costs.values())
    text = said(cost, whole.cost, f"{place} in {period.spoken}", "was meant for other projects")
    title = "Meant for other projects, billed here"
    if scope.project is None:
        title = "Meant for other projects, billed to the Default Project"
    return Elsewhere(title, text, ("Meant for", "Product"), ordered(lines))


def used(sums: Iterable[Summed]) -> list[Summed]:
    """Those that come to something: what was moved or taken back leaves totals of 0."""
    return [one for one in sums if one.cost or one.quantity or one.requests]


def said(cost: int, whole: int, what: str, is_so: str = "is billed elsewhere") -> str:
    share = f"{shown.share(cost, whole)} " if whole else ""
    return f"{share}{what}, {shown.money(cost)}, {is_so}."


def why(product: str, *, multi_project: bool, reason: int) -> str:
    """The reason kept on the records, in words that are true of the catalogue as it is now."""
    across = (
        "was not attributed to projects then"
        if multi_project
        else "is not attributed to projects yet"
    )
    across = f"Usage of {product} {across}"
    if reason == Reason.PLAYGROUND:
        return "The playground always runs under the Default Project"
    if reason == Reason.EXTERNAL_HOME:
        return f"{across}; this was with an external collaborator’s own token"
    return across


def ordered(lines: Iterable[Line]) -> list[Line]:
    return sorted(lines, key=lambda one: (-one.cost, one.first, one.second, one.why))


class MeantFor:
    """What the reader may know of the projects that usage was meant for: one query or two."""

    def __init__(self, scope: Scope, projects: Collection[int]) -> None:
        self.scope = scope
        self.projects = Project.objects.in_bulk(projects)
        self.opens = known_projects(scope)

    def named(self, pk: int) -> tuple[Any, ...]:
        """Key, name and note. Those of its own organization that the reader cannot open are one."""
        project = self.projects[pk]
        if project.organization_id != self.scope.organization.pk:
            return pk, project.name, SHARED
        if self.opens is not None and pk not in self.opens:
            return HIDDEN, "Projects you cannot open", ""
        return pk, project.name, ""
