"""The filter of a report on a page of its own, so that the report does not read what can be chosen."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from accounts.access.decorators import READ_METHODS
from accounts.access.organization import OrganizationAccess, organization_page
from accounts.permissions import Permission
from accounts.web.list_query import filter_text
from projects.access import ProjectAccess, project_page
from usage.reports.filtering.filters import (
    SEARCH,
    SETTINGS,
    ReportUrl,
    list_filters,
    list_hidden_fields,
)
from usage.reports.filtering.options import build_groups
from usage.reports.forms import ReportForm
from usage.reports.scope import UsageScope


@project_page(Permission.USAGE_SEE, READ_METHODS, title="Filter", nav="usage")
def usage_filter(request: HttpRequest, access: ProjectAccess) -> HttpResponse:
    """Shows what a project's usage can be filtered by; the form leads back to the page `usage`."""
    slug = access.project.slug
    return render_filter(request, UsageScope.of(access), reverse("usage", args=[slug]))


@organization_page(
    Permission.COST_ANALYTICS_SEE, READ_METHODS, title="Filter", nav="cost_analytics"
)
def cost_analytics_filter(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    """Shows what the cost analytics of an organization can be filtered by, like `usage_filter`."""
    slug = access.organization.slug
    return render_filter(request, UsageScope.of(access), reverse("cost_analytics", args=[slug]))


def render_filter(request: HttpRequest, scope: UsageScope, report_url: str) -> HttpResponse:
    form = ReportForm(request.GET, scope=scope, today=timezone.now().date())
    search = filter_text(request.GET.get(SEARCH, ""))
    url = ReportUrl(request.GET)
    context: dict[str, Any] = {
        "filters": build_groups(scope, form, search),
        "search": search,
        "settings": list_hidden_fields(request.GET, SETTINGS),
        "filter_url": request.path,
        "report_url": report_url,
        "cancel_url": report_url + url.build(),
        "clear_url": report_url + url.build(**dict.fromkeys(list_filters(request.GET), "")),
    }
    return render(request, "usage/reports/filter.html", context)
