"""The management API of projects. Source: OpenAI's Administration API."""

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from accounts.models import Organization
from accounts.permissions import Permission
from accounts.web.api.callers import MANAGERS, Caller, require_organization
from accounts.web.api.errors import Refused, api_error
from accounts.web.api.listing import ObjectList, list_objects
from accounts.web.api.names import read_name, read_slug
from accounts.web.api.routes import api_route, join_routes
from projects.access import ProjectAccess
from projects.api.access import find_projects, project_route
from projects.api.payloads import (
    NewProject,
    ProjectChanges,
    ProjectListParameters,
    ProjectObject,
)
from projects.models import Project
from projects.services.archive import archive_project, restore_project
from projects.services.projects import LimitReached, create_named_project, update_project
from projects.tags.periods import with_tags

TAG = "Projects"
SLUG_LENGTH = 70
HOW_TO_REQUEST = (
    "{name} has {used} of at most {limit} projects. Archive one, or ask support for more: {url}"
)


@api_route(
    "GET", "List projects", tag=TAG, credentials=MANAGERS, permission=Permission.PROJECTS_SEE
)
def list_projects(
    request: HttpRequest, caller: Caller, query: ProjectListParameters
) -> ObjectList[ProjectObject]:
    """Lists the projects of the organization that the caller can open, without archived ones by default."""
    projects = find_projects(caller)
    rows = with_tags(projects if query.include_archived else projects.unarchived())
    return list_objects(rows, query, ProjectObject.of_project, lookup=projects)


@api_route(
    "POST",
    "Create a project",
    tag=TAG,
    credentials=MANAGERS,
    permission=Permission.PROJECTS_CREATE,
    errors=(409,),
)
def create(request: HttpRequest, caller: Caller, body: NewProject) -> ProjectObject:
    """The name must be new among the organization's unarchived projects.

    At the organization's limit of projects, the response is 403 `project_limit_reached`."""
    organization = require_organization(caller)
    try:
        project = create_named_project(
            actor=caller.actor(request),
            organization=organization,
            name=read_name(body.name),
            slug="" if body.slug is None else read_slug(body.slug, SLUG_LENGTH),
            allow_external_collaborators=body.allow_external_collaborators,
        )
    except LimitReached as error:
        raise refuse_limit(organization, error) from error
    return ProjectObject.of_project(project)


def refuse_limit(organization: Organization, reached: LimitReached) -> Refused:
    """Returns the refusal of one more project, with where to ask for it."""
    message = HOW_TO_REQUEST.format(
        name=organization.name,
        used=reached.used,
        limit=reached.limit,
        url=settings.BASE_URL + reverse("project_request", args=[organization.slug]),
    )
    return Refused(api_error(403, message, code="project_limit_reached"))


@project_route("GET", "Get a project", tag=TAG, permission=Permission.PROJECT_SEE)
def retrieve(request: HttpRequest, caller: Caller, access: ProjectAccess) -> ProjectObject:
    """Returns a project, also an archived one."""
    return ProjectObject.of_project(access.project)


@project_route(
    "POST",
    "Update a project",
    tag=TAG,
    permission=Permission.PROJECT_SETTINGS_CHANGE,
    errors=(409,),
)
def update(
    request: HttpRequest, caller: Caller, access: ProjectAccess, body: ProjectChanges
) -> ProjectObject:
    """A former slug redirects to the new one and stays reserved."""
    project = update_project(
        actor=caller.actor(request),
        project=access.project,
        name=None if body.name is None else read_name(body.name),
        slug=None if body.slug is None else read_slug(body.slug, SLUG_LENGTH),
        allow_external_collaborators=body.allow_external_collaborators,
        tags=body.tags,
    )
    return ProjectObject.of_project(project)


@project_route(
    "POST", "Archive a project", tag=TAG, permission=Permission.PROJECT_ARCHIVE, errors=(409,)
)
def archive(request: HttpRequest, caller: Caller, access: ProjectAccess) -> ProjectObject:
    """Nothing in it can be changed then, and its API keys are refused, until it is unarchived."""
    archive_project(actor=caller.actor(request), project=access.project)
    return reload_project(access.project)


@project_route(
    "POST", "Unarchive a project", tag=TAG, permission=Permission.PROJECT_ARCHIVE, errors=(409,)
)
def unarchive(request: HttpRequest, caller: Caller, access: ProjectAccess) -> ProjectObject:
    """Its API keys work again, unless they have expired.

    At the organization's limit of projects, the response is 403 `project_limit_reached`."""
    try:
        restore_project(actor=caller.actor(request), project=access.project)
    except LimitReached as error:
        raise refuse_limit(access.organization, error) from error
    return reload_project(access.project)


def reload_project(project: Project) -> ProjectObject:
    project.refresh_from_db()
    return ProjectObject.of_project(project)


collection = join_routes(list_projects, create)
item = join_routes(retrieve, update)
