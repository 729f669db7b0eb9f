"""The usage page of a project and the cost analytics of an organization: one report, as a page or a file."""

from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts.access.decorators import READ_METHODS
from accounts.access.organization import OrganizationAccess, organization_page
from accounts.permissions import Permission
from accounts.web.csv_files import csv_response
from projects.access import ProjectAccess, project_page
from usage.reports.forms import ReportForm
from usage.reports.page import usage_page
from usage.reports.records_csv import record_file
from usage.reports.scope import Scope
from usage.reports.summary_csv import exported


@project_page(Permission.USAGE_SEE, READ_METHODS, title="Usage")
def usage(request: HttpRequest, access: ProjectAccess) -> HttpResponseBase:
    """What a project used; with `format=csv` what the page shows, with `format=records` each record."""
    project = access.project
    scope = Scope.of(access)
    context = {"access": access, "project": project, "event": event(request)}
    return answered(request, scope, "usage/reports/usage.html", context)


@organization_page(Permission.COST_ANALYTICS_SEE, READ_METHODS, title="Cost analytics")
def cost_analytics(request: HttpRequest, access: OrganizationAccess) -> HttpResponseBase:
    """What all projects of an organization used, like `usage`."""
    scope = Scope.of(access)
    context = {"access": access, "event": event(request)}
    return answered(request, scope, "usage/reports/cost_analytics.html", context)


def answered(
    request: HttpRequest, scope: Scope, template: str, context: dict[str, Any]
) -> HttpResponseBase:
    """The page or file that the address asks for; 422 with the form when something in it is wrong."""
    now = timezone.now()
    form = ReportForm(request.GET, scope=scope, today=now.date())
    if not form.is_valid():
        page = usage_page(scope, form, request.GET, now)
        return render(request, template, {**context, **page}, status=422)
    report = form.report()
    slug = (scope.project or scope.organization).slug
    period = f"{report.period.start}-{report.period.end}"
    if form.cleaned_data["format"] == "csv":
        return csv_response(f"usage-{slug}-{period}.csv", exported(report))
    if form.cleaned_data["format"] == "records":
        return record_file(f"usage-records-{slug}-{period}.csv", report)
    return render(request, template, {**context, **usage_page(scope, form, request.GET, now)})


def event(request: HttpRequest) -> str:
    """A command that records usage, as the platform's metering does."""
    address = request.build_absolute_uri(reverse("api_usage_events"))
    return f"""curl {address} -H "Authorization: Bearer YOUR_SERVICE_CREDENTIAL" \\
  -H "Content-Type: application/json" -d '{{"events": [{{
  "id": "try-1", "time": "{timezone.now():%Y-%m-%dT%H:%M:%SZ}", "api_key_id": "key_…",
  "product": "serverless-inference", "line_item": "output_tokens", "unit": "token",
  "quantity": "1000", "dimensions": {{"model": "llama-3.3-70b"}}}}]}}'"""
