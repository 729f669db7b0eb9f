"""The page *Help*: guides, and how to reach support."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.access.decorators import READ_METHODS, signed_in_page
from accounts.permissions import Permission
from console.web.frame import get_frame


@signed_in_page(*READ_METHODS, title="Help", in_search=True, viewable=True)
def help_page(request: HttpRequest) -> HttpResponse:
    """Offers the requests to support to those who may send them for the selected organization."""
    frame = get_frame(request)
    organization = frame.organization
    default = next((project for project in frame.first_projects[:1] if project.is_default), None)
    access = frame.organization_access
    may_request = access is not None and access.holds(Permission.SUPPORT_REQUEST)
    context = {
        "contact": settings.SUPPORT_CONTACT,
        "organization": organization if may_request else None,
        "default": default if may_request else None,
    }
    return render(request, "console/web/help.html", context)
