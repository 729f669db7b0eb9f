"""The audit log of an organization, as a page and as a file."""

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from accounts.access.decorators import READ_METHODS
from accounts.access.organization import OrganizationAccess, organization_page
from accounts.audit.log import AuditLogQuery, export_rows, fetch_log_page
from accounts.permissions import Permission
from accounts.web.csv_files import csv_response, wants_byte_order_mark


@organization_page(Permission.AUDIT_SEE, READ_METHODS, title="Audit log")
def audit_log(request: HttpRequest, access: OrganizationAccess) -> HttpResponseBase:
    """Shows events, newest first; `format=csv` downloads all that match the filter."""
    organization, filters = access.organization, AuditLogQuery.parse(request.GET)
    if request.GET.get("format") == "csv":
        return csv_response(
            f"audit-log-{organization.slug}.csv",
            export_rows(organization, filters),
            for_excel=wants_byte_order_mark(request),
        )
    page = fetch_log_page(organization, filters)
    context = {
        "access": access,
        "filters": filters,
        "page": page,
        "rows": page.rows,
        "clear_url": reverse("audit_log", args=[organization.slug]),
        "csv_url": filters.url(format="csv", before=0),
    }
    return render(request, "accounts/audit/log.html", context)
