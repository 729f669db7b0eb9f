"""GET /v1/organization/projects/{project_id}/usage: the report of the page *Usage* for programs."""

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.utils import timezone

from accounts.permissions import Permission
from accounts.web.api.callers import Caller
from projects.access import ProjectAccess
from projects.api.access import project_route
from usage.amounts import COST_DIGITS, QUANTITY_DIGITS, format_decimal
from usage.enums import Measure
from usage.reports.api.payloads import (
    ReportParameters,
    UsageGroup,
    UsageLine,
    UsagePeriod,
    UsageReport,
)
from usage.reports.forms import ReportForm
from usage.reports.labels import fetch_labels
from usage.reports.lines import ReportLine
from usage.reports.report import Report
from usage.reports.scope import UsageScope


@project_route("GET", "Read the usage of a project", tag="Usage", permission=Permission.USAGE_SEE)
def project_usage(
    request: HttpRequest, caller: Caller, access: ProjectAccess, query: ReportParameters
) -> UsageReport:
    """Returns the report of the page Usage, with the same parameters, `tag:<name>` among them."""
    scope = UsageScope.of(access)
    # The page's form reads the parameters again, because filters may be there several times.
    form = ReportForm(request.GET, scope=scope, today=timezone.now().date())
    if not form.is_valid():
        raise ValidationError(form.errors.as_data())
    report = form.build_report()
    return UsageReport(
        project_id=access.project.public_id,
        start=report.period.start.isoformat(),
        end=report.period.end.isoformat(),
        measure=report.measure,
        granularity=report.step,
        group_by=report.group_by.value,
        unit=report.counted_unit if report.measure == Measure.UNITS else None,
        total=format_amount(report, report.total),
        groups=list_groups(report),
        periods=[
            UsagePeriod(int(step.start.timestamp()), format_amount(report, sum(bar.values())))
            for step, bar in zip(report.steps, report.sum_bars(), strict=True)
        ],
    )


def list_groups(report: Report) -> list[UsageGroup]:
    labels = fetch_labels(report.scope, report.group_by, [group.key for group in report.groups])
    return [
        UsageGroup(
            id=labels[group.key].reference,
            name=labels[group.key].text,
            amount=format_amount(report, group.amount),
            lines=[make_line(report, line) for line in group.lines],
        )
        for group in report.groups
    ]


def make_line(report: Report, line: ReportLine) -> UsageLine:
    item = report.items[line.item]
    return UsageLine(
        product=item.product.code,
        line_item=item.code,
        model=line.model_name or None,
        unit=item.unit,
        quantity=format_decimal(line.amounts.quantity, QUANTITY_DIGITS),
        cost=format_decimal(line.amounts.cost, COST_DIGITS),
        requests=line.amounts.requests,
    )


def format_amount(report: Report, amount: int) -> str:
    """Returns a cost or quantity, depending on what the report measures, as an exact decimal."""
    digits = COST_DIGITS if report.measure == Measure.COST else QUANTITY_DIGITS
    return format_decimal(amount, digits)
