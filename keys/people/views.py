"""The page of one person in an organization."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.access.decorators import READ_METHODS
from accounts.access.organization import OrganizationAccess, organization_page
from accounts.permissions import Permission
from keys.people.lists import build_person_page, find_person


# Those who may see all access tokens of the organization may see what else one person has there.
@organization_page(Permission.ORGANIZATION_TOKENS_SEE, READ_METHODS, title="Person", nav="members")
def person(request: HttpRequest, access: OrganizationAccess, reference: str) -> HttpResponse:
    context = build_person_page(access, find_person(access, reference))
    return render(request, "keys/people/person.html", context)
