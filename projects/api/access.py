"""Decorates the routes below /v1/organization/projects with the access of their callers."""

from collections.abc import Callable
from typing import Any, Unpack

from accounts.access.decorators import View
from accounts.web.api.callers import MANAGERS, Caller
from accounts.web.api.operations import Options
from accounts.web.api.routes import api_route
from projects.access import ProjectAccess, find_project_access
from projects.models import Project
from projects.models.project import ProjectQuerySet


def find_projects(caller: Caller) -> ProjectQuerySet:
    """Returns the projects that the caller can open: of its organization, or the one its token is for."""
    assert caller.principal is not None
    return Project.objects.visible_to(caller.principal).filter(**get_scope(caller))


def get_scope(caller: Caller) -> dict[str, Any]:
    """Returns the conditions of the projects that the caller's credential is for."""
    assert caller.organization is not None  # all callers that manage something have one
    scope: dict[str, Any] = {"organization_id": caller.organization.pk}
    if isinstance(caller.access, ProjectAccess):
        scope["pk"] = caller.access.project.pk
    return scope


def find_project(caller: Caller, arguments: dict[str, Any]) -> ProjectAccess:
    """Returns the caller's access to the project in a URL. Raises Http404 if they cannot open it."""
    assert caller.principal is not None
    public_id = arguments.pop("project_id")
    return find_project_access(caller.principal, public_id=public_id, **get_scope(caller))


def project_route(
    method: str, summary: str, **options: Unpack[Options]
) -> Callable[[Callable[..., Any]], View]:
    """Declares a view `(request, caller, access, …)` of a project, in which its permission is needed."""
    declared: Options = {"credentials": MANAGERS, "lookup": find_project, **options}
    return api_route(method, summary, **declared)
