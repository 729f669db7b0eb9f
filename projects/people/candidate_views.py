"""The page that lists members to add to a project, of which the script shows suggestions."""

from functools import partial

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from accounts.access.decorators import READ_METHODS
from accounts.members.candidates import show_candidates
from accounts.permissions import Permission
from projects.access import ProjectAccess, project_page
from projects.people.candidates import create_candidates


# People who may not see the members get the same answer for every address, and so no suggestions.
@project_page(Permission.EXTERNALS_MANAGE, READ_METHODS, title="Find a member", nav="collaborators")
def candidates(request: HttpRequest, access: ProjectAccess) -> HttpResponse:
    """Lists members of the organization by name and email address."""
    context = {
        "access": access,
        "choose_url": reverse("collaborator_add", args=[access.project.slug]),
    }
    members = access.organization.memberships.all()
    return show_candidates(request, members, partial(create_candidates, access), context)
