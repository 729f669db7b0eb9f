"""Members that *Add collaborator* suggests, with those who are in the project already."""

from django.urls import reverse

from accounts.members.candidates import Candidate, create_candidate
from accounts.models import Membership
from projects.access import ProjectAccess


def get_candidates_url(access: ProjectAccess) -> str:
    """Returns the URL of the suggestions; empty for callers who may not learn who is a member."""
    if not access.may.externals_manage or access.project.is_default:
        return ""
    return reverse("collaborator_candidates", args=[access.project.slug])


def create_candidates(access: ProjectAccess, memberships: list[Membership]) -> list[Candidate]:
    """Returns the candidates; members who are in the project already cannot be chosen."""
    people = [membership.user_id for membership in memberships]
    current = access.project.collaborators.current().filter(user__in=people)
    listed = set(current.values_list("user_id", flat=True))
    return [
        create_candidate(membership, "Already in" if membership.user_id in listed else "")
        for membership in memberships
    ]
