"""The page of all external collaborators of an organization."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.access.decorators import READ_METHODS
from accounts.access.organization import OrganizationAccess, organization_page
from accounts.permissions import Permission
from projects.people.externals_lists import build_externals_list


@organization_page(
    Permission.PROJECTS_SEE_ALL, READ_METHODS, title="External collaborators", nav="members"
)
def externals(request: HttpRequest, access: OrganizationAccess) -> HttpResponse:
    context = build_externals_list(access, request.GET)
    return render(request, "projects/people/externals.html", context)
