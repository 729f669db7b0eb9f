"""Usage that was intended for one project and is billed to another, and why, for readers of either.

Two tenants meet here when an external collaborator's own organization pays. Readers of the shared project
learn how much that is but not which organization pays. Readers of the paying organization learn only the
name of the shared project, as it was when the last of their people lost access.
"""

from collections import Counter
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import F

from projects.models import CollaborationPeriod, Project
from usage.enums import Reason
from usage.ids import ProjectId
from usage.models import DailyTotal
from usage.models.totals import TotalQuerySet
from usage.periods import Period
from usage.reports.formatting import format_exact_money, format_money, format_share
from usage.reports.labels import find_named_projects
from usage.reports.scope import UsageScope

MAX_LINES = 50  # the section adds up the others
DEFAULT_PROJECT, OWN_ORGANIZATIONS = "Default Project", "External collaborators’ own organizations"
SHARED = "Shared by another organization"
ELSEWHERE_SHARE = (
    "{share} of the usage intended for this project in {period} is billed elsewhere ({cost})."
)
ELSEWHERE_FREE = "Usage intended for this project in {period} is billed elsewhere ({cost})."
PROJECT_SHARE = (
    "{share} of this project’s usage in {period} was intended for other projects ({cost})."
)
ORGANIZATION_SHARE = "{share} of all usage in {period} was intended for other projects ({cost})."
OTHERS_FREE = "Usage in {period} was intended for other projects ({cost})."


class ReasonKey(NamedTuple):
    """What usage that is billed elsewhere is summed by."""

    product: str
    multi_project: bool
    reason: int


class IntendedReasonKey(NamedTuple):
    """What usage that was intended for others is summed by."""

    intended_project_id: ProjectId
    product: str
    multi_project: bool
    reason: int


class ElsewhereLine(NamedTuple):
    """A line of the table, whose first two columns depend on the section."""

    first: str
    second: str
    reason: str
    cost: int
    whole: int
    note: str = ""

    @property
    def share(self) -> str:
        return format_share(self.cost, self.whole)

    @property
    def money(self) -> str:
        return format_money(self.cost)

    @property
    def exact_money(self) -> str:
        return format_exact_money(self.cost)


@dataclass(frozen=True)
class ElsewhereSection:
    """A section of a report's page; `headings` are those of the first two columns."""

    title: str
    text: str
    headings: tuple[str, str]
    lines: list[ElsewhereLine]

    @property
    def first_lines(self) -> list[ElsewhereLine]:
        return self.lines[:MAX_LINES]

    @property
    def rest(self) -> list[ElsewhereLine]:
        return self.lines[MAX_LINES:]

    @property
    def rest_money(self) -> str:
        return format_money(sum(line.cost for line in self.rest))


def build_section(
    scope: UsageScope, period: Period, whole: int | None = None
) -> ElsewhereSection | None:
    """Returns the section of a page, or None if everything is billed to its intended project.

    `whole` is the cost of everything in the scope, read if it is None.

    The page of a project shows what is billed elsewhere. The pages of a Default Project and of an
    organization show what was intended for other projects.
    """
    project = scope.project
    if project is None or project.is_default:
        return build_others_section(scope, period, whole)
    return build_project_section(scope, project, period, whole)


def build_project_section(
    scope: UsageScope, project: Project, period: Period, whole: int | None
) -> ElsewhereSection | None:
    rows = DailyTotal.objects.filter(day__range=period, intended_project_id=project.pk)
    totals = [total for total in annotate_product(rows).sum_by(ReasonKey) if not total.is_empty]
    if not totals:
        return None
    cost = sum(total.cost for total in totals)
    if whole is None:
        whole = scope.daily_totals(period).sum_all().cost
    whole += cost
    lines = [
        ElsewhereLine(
            first=total.key.product,
            second=OWN_ORGANIZATIONS
            if total.key.reason == Reason.EXTERNAL_HOME
            else DEFAULT_PROJECT,
            reason=explain_reason(total.key),
            cost=total.cost,
            whole=whole,
        )
        for total in totals
    ]
    text = format_text(ELSEWHERE_SHARE if whole else ELSEWHERE_FREE, cost, whole, period)
    return ElsewhereSection(
        title="Intended for this project, billed elsewhere",
        text=text,
        headings=("Product", "Billed to"),
        lines=sort_lines(lines),
    )


def build_others_section(
    scope: UsageScope, period: Period, whole: int | None
) -> ElsewhereSection | None:
    rows = scope.daily_totals(period)
    totals = [
        total for total in annotate_product(rows).sum_by(IntendedReasonKey) if not total.is_empty
    ]
    if not totals:
        return None
    if whole is None:
        whole = rows.sum_all().cost
    names = IntendedProjectNames(scope, period, {total.key.intended_project_id for total in totals})
    costs: Counter[tuple[IntendedProjectName, str, str]] = Counter()
    for total in totals:
        name = names.find(total.key.intended_project_id)
        costs[name, total.key.product, explain_reason(total.key)] += total.cost
    lines = [
        ElsewhereLine(
            first=name.text,
            second=product,
            reason=reason,
            cost=cost,
            whole=whole,
            note=name.note,
        )
        for (name, product, reason), cost in costs.items()
    ]
    title, sentence = "Intended for other projects, billed here", PROJECT_SHARE
    if scope.project is None:
        title = "Intended for other projects, billed to the Default Project"
        sentence = ORGANIZATION_SHARE
    text = format_text(sentence if whole else OTHERS_FREE, costs.total(), whole, period)
    return ElsewhereSection(
        title=title,
        text=text,
        headings=("Intended for", "Product"),
        lines=sort_lines(lines),
    )


def annotate_product(rows: TotalQuerySet) -> TotalQuerySet:
    """Returns the totals that are billed elsewhere, with the name and rule of their product."""
    annotated: TotalQuerySet = rows.billed_elsewhere().annotate(
        product=F("line_item__product__name"),
        multi_project=F("line_item__product__multi_project"),
    )
    return annotated


def format_text(sentence: str, cost: int, whole: int, period: Period) -> str:
    return sentence.format(
        share=format_share(cost, whole), period=period.label, cost=format_money(cost)
    )


def explain_reason(key: ReasonKey | IntendedReasonKey) -> str:
    """Returns the reason of the records in words that fit the catalogue as it is now."""
    if key.reason == Reason.PLAYGROUND:
        return "Playground usage is always billed to the Default Project"
    external = key.reason == Reason.EXTERNAL_HOME
    if key.multi_project:
        if external:
            return (
                f"Usage of {key.product} was not attributed to projects then; "
                "an external collaborator’s own token was used"
            )
        return f"Usage of {key.product} was not attributed to projects then"
    if external:
        return (
            f"Usage of {key.product} is not attributed to projects yet; "
            "an external collaborator’s own token was used"
        )
    return f"Usage of {key.product} is not attributed to projects yet"


def sort_lines(lines: Iterable[ElsewhereLine]) -> list[ElsewhereLine]:
    return sorted(lines, key=lambda line: (-line.cost, line.first, line.second, line.reason))


class IntendedProjectName(NamedTuple):
    """What the reader may know about an intended project; `project` is None for the hidden ones."""

    project: ProjectId | None
    text: str
    note: str = ""


HIDDEN = IntendedProjectName(None, "Projects you can't open")


class IntendedProjectNames:
    """The names of intended projects, read with a few queries."""

    def __init__(self, scope: UsageScope, period: Period, projects: Collection[ProjectId]) -> None:
        self.organization = scope.organization.pk
        self.projects = Project.objects.in_bulk(projects)
        self.visible = find_named_projects(scope)
        shared = [
            pk for pk, row in self.projects.items() if row.organization_id != self.organization
        ]
        self.former_names = find_former_names(scope, period, shared) if shared else {}

    def find(self, pk: ProjectId) -> IntendedProjectName:
        """Returns what the reader may know. Hidden projects of the organization share one name."""
        project = self.projects[pk]
        if project.organization_id != self.organization:
            return IntendedProjectName(pk, self.former_names.get(pk) or project.name, SHARED)
        if self.visible is not None and pk not in self.visible:
            return HIDDEN
        return IntendedProjectName(pk, project.name)


def find_former_names(
    scope: UsageScope, period: Period, projects: Collection[ProjectId]
) -> dict[ProjectId, str]:
    """Returns the names of shared projects that none of the people who used them can open now.

    Each is the name of the day on which the last of them lost access.
    """
    totals = scope.daily_totals(period).filter(intended_project_id__in=projects)
    periods = CollaborationPeriod.objects.filter(
        project__in=projects, user__in=totals.values("user_id")
    )
    rows = periods.order_by("ended_at").values_list("project", "project_name", "ended_at")
    names: dict[ProjectId, str] = {}
    lasting = {project for project, _, ended_at in rows if ended_at is None}
    for project, name, _ in rows:
        if project not in lasting:
            names[ProjectId(project)] = name
    return names
