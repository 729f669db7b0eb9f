"""Makes projects within the organization's limit and changes their settings."""

from django.db import IntegrityError, transaction

from accounts.access import lock_organization
from accounts.actors import Actor
from accounts.audit import record
from accounts.enums import Act
from accounts.errors import Conflict
from accounts.models import Organization
from accounts.permissions import Permission
from accounts.slugs import suggestions
from projects.access import lock_project
from projects.models import Project, ProjectSlug

SLUG_TAKEN = "That slug is taken. Choose another, or leave it empty to get one that is free."


def slug_is_taken(slug: str) -> bool:
    """Whether a project has that slug, or had it: old ones redirect and stay reserved."""
    return ProjectSlug.objects.filter(slug=slug).exists()


def free_slug(name: str) -> str:
    """The plainest slug for a project called `name` that no project has or had."""
    return next(slug for slug in suggestions(name, "project") if not slug_is_taken(slug))


@transaction.atomic
def create_project(
    *, actor: Actor, organization: Organization, name: str, slug: str = ""
) -> Project:
    """A project of the organization; without `slug` it gets one from its name.

    Raises Conflict at the project limit and when a typed slug is taken.
    """
    access = lock_organization(actor.person, organization, Permission.PROJECTS_CREATE)
    limit = access.organization.project_limit
    if access.organization.projects.unarchived().count() >= limit:
        raise Conflict(
            f"{access.organization.name} uses all {limit} of its projects. "
            "Ask support for more on the Projects page."
        )
    project = project_with_free_slug(access.organization, actor, name, slug)
    record(
        actor,
        Act.PROJECT_CREATED,
        organization=access.organization,
        target=project,
        after={"name": project.name, "slug": project.slug},
    )
    return project


def project_with_free_slug(
    organization: Organization, actor: Actor, name: str, slug: str
) -> Project:
    """The row; Conflict when the typed `slug` is taken.

    Slugs are unique over all organizations, whose rows are not locked here: somebody may take one
    between the look and the insert. A suggested one is then suggested again.
    """
    while True:
        wanted = slug or free_slug(name)
        try:
            with transaction.atomic():
                return organization.projects.create(name=name, slug=wanted, created_by=actor.user)
        except IntegrityError:
            if not slug_is_taken(wanted):
                raise
            if slug:
                raise Conflict({"slug": SLUG_TAKEN}) from None


@transaction.atomic
def change_project(
    *, actor: Actor, project: Project, name: str, allow_external_collaborators: bool
) -> None:
    """Changes the project's settings; Conflict when externals are to be allowed in the Default Project.

    The project's switch may be on while the organization's is off: both are needed to invite.
    """
    access = lock_project(actor.person, project, Permission.PROJECT_SETTINGS_CHANGE)
    locked = access.project
    before = settings_of(locked)
    turned_on = allow_external_collaborators and not locked.allow_external_collaborators
    if turned_on and locked.is_default:
        raise Conflict(
            {"allow_external_collaborators": "The Default Project has no external collaborators."}
        )
    locked.name = name
    locked.allow_external_collaborators = allow_external_collaborators
    if settings_of(locked) == before:
        return
    locked.save(update_fields=["name", "allow_external_collaborators"])
    record(
        actor,
        Act.PROJECT_CHANGED,
        organization=access.organization,
        target=locked,
        before=before,
        after=settings_of(locked),
    )


def settings_of(project: Project) -> dict[str, str | bool]:
    return {
        "name": project.name,
        "allow_external_collaborators": project.allow_external_collaborators,
    }
