"""The usage page of a project and the cost analytics of an organization, as pages or files."""

from dataclasses import replace
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils import timezone

from accounts.access.decorators import READ_METHODS
from accounts.access.organization import OrganizationAccess, organization_page
from accounts.permissions import Permission
from accounts.web.csv_files import csv_response, wants_byte_order_mark
from keys.first_request import build_first_request
from projects.access import ProjectAccess, project_page
from usage.enums import Step
from usage.reports.files.records import download_records
from usage.reports.files.summary import build_summary
from usage.reports.filtering.filters import CARRIED, ReportUrl, drop_missing
from usage.reports.forms import ReportForm
from usage.reports.page import build_page
from usage.reports.scope import UsageScope


@project_page(Permission.USAGE_SEE, READ_METHODS, title="Usage")
def usage(request: HttpRequest, access: ProjectAccess) -> HttpResponseBase:
    """Shows usage of a project; `format=csv` downloads the report, `format=records` its records."""
    project = access.project
    scope = UsageScope.of(access)
    context = {"access": access, "project": project}
    return render_report(request, scope, "usage/reports/usage.html", context)


@organization_page(Permission.COST_ANALYTICS_SEE, READ_METHODS, title="Cost analytics")
def cost_analytics(request: HttpRequest, access: OrganizationAccess) -> HttpResponseBase:
    """Shows usage of all projects of an organization, like `usage`."""
    scope = UsageScope.of(access)
    return render_report(request, scope, "usage/reports/cost_analytics.html", {"access": access})


def render_report(
    request: HttpRequest, scope: UsageScope, template: str, context: dict[str, Any]
) -> HttpResponseBase:
    """Returns the requested page or file. Answers 422 with the form if the query is invalid."""
    now = timezone.now()
    form = ReportForm(request.GET, scope=scope, today=now.date())
    if CARRIED in request.GET:
        return redirect(request.path + drop_missing(form, ReportUrl(request.GET)))
    if not form.is_valid():
        page = build_page(scope, form, request.GET, now)
        return render(request, template, {**context, **page}, status=422)
    report = form.build_report()
    slug = (scope.project or scope.organization).slug
    period = f"{report.period.start}-{report.period.end}"
    for_excel = wants_byte_order_mark(request)
    if form.cleaned_data["format"] == "csv":
        # The file has days, unless hours are asked for.
        by_day = report if form.cleaned_data["granularity"] else replace(report, step=Step.DAY)
        rows = build_summary(by_day)
        return csv_response(f"usage-{slug}-{period}.csv", rows, for_excel=for_excel)
    if form.cleaned_data["format"] == "records":
        name = f"usage-records-{slug}-{period}.csv"
        return download_records(name, report, for_excel=for_excel)
    page = build_page(scope, form, request.GET, now)
    return render(request, template, {**context, **page, "first_request": build_first_request()})
