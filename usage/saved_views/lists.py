"""The saved views of a person, those whose page they may still see."""

from django.db.models import Q
from django.http import Http404

from accounts.models import Organization, User
from accounts.models.principals import Principal
from accounts.permissions import ROLE_PERMISSIONS, Permission
from projects.models import Project
from usage.models import SavedView


def list_views(principal: Principal) -> list[SavedView]:
    """Returns the views by organization and name, with two queries more than that of the views.

    Those of projects and organizations that the person can no longer open stay hidden until they can.
    """
    assert principal.user
    organizations = {
        organization.pk
        for organization in Organization.objects.visible_to(principal)
        if Permission.COST_ANALYTICS_SEE in ROLE_PERMISSIONS[organization.principal_role]
    }
    projects = {
        project.pk
        for project in Project.objects.visible_to(principal)
        if project.principal_role
        and Permission.USAGE_SEE in ROLE_PERMISSIONS[project.principal_role]
    }
    may_see = Q(project__in=projects) | Q(project=None, organization__in=organizations)
    views = SavedView.objects.filter(may_see, user=principal.user).select_related(
        "organization", "project"
    )
    return list(views.order_by("organization__search_text", "organization", "name"))


def find_own_view(user: User, public_id: str) -> SavedView:
    """Returns the person's view with that public id. Raises Http404 for any other."""
    view = SavedView.objects.filter(user=user, public_id=public_id).first()
    if view is None:
        raise Http404
    return view
