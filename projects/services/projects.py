"""Creates projects within the organization's limit and changes their settings."""

from collections.abc import Mapping

from django.db import IntegrityError, transaction

from accounts.access.organization import lock_organization
from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.models import Organization
from accounts.organizations.slugs import create_with_slug, suggest_slugs
from accounts.permissions import Permission
from projects.access import lock_project
from projects.models import Project, ProjectSlug
from projects.tags.services import change_project_tags

SAME_NAME = "A project of this organization already has this name. Choose another name."


class LimitReached(Conflict):
    """The organization has as many projects as it may have: `used` of `limit`."""

    def __init__(self, message: str, *, limit: int, used: int) -> None:
        super().__init__(message)
        self.limit, self.used = limit, used


def slug_is_taken(slug: str) -> bool:
    """Returns whether a project has or had that slug. Former slugs stay reserved."""
    return ProjectSlug.objects.filter(slug=slug).exists()


@transaction.atomic
def create_project(
    *, actor: Actor, organization: Organization, name: str, slug: str = ""
) -> Project:
    """Creates a project. Without `slug`, the slug is made from the name.

    Raises Conflict at the project limit and if `slug` is taken.
    """
    access = lock_organization(actor.principal, organization, Permission.PROJECTS_CREATE)
    require_room(access.organization, 1)
    return insert_project(access.organization, actor, name, slug)


@transaction.atomic
def create_named_project(
    *,
    actor: Actor,
    organization: Organization,
    name: str,
    slug: str = "",
    allow_external_collaborators: bool = False,
) -> Project:
    """Creates a project whose name no other unarchived project has, so that a repeated request creates none.

    Raises Conflict as `create_project` does, and if the name is taken.
    """
    access = lock_organization(actor.principal, organization, Permission.PROJECTS_CREATE)
    if access.organization.projects.unarchived().filter(name=name).exists():
        raise Conflict({"name": SAME_NAME})
    project = create_project(actor=actor, organization=organization, name=name, slug=slug)
    if allow_external_collaborators:
        allow_externals(actor=actor, project=project)
        project.refresh_from_db()
    return project


@transaction.atomic
def create_set(*, actor: Actor, organization: Organization, names: list[str]) -> list[Project]:
    """Creates a project for each name. Raises Conflict, and creates none, if the limit is too low."""
    access = lock_organization(actor.principal, organization, Permission.PROJECTS_CREATE)
    require_room(access.organization, len(names))
    return [insert_project(access.organization, actor, name) for name in names]


def count_remaining_projects(organization: Organization) -> int:
    """Returns how many more projects the limit allows. Archived projects do not count."""
    return organization.project_limit - organization.projects.unarchived().count()


def require_room(organization: Organization, number: int) -> None:
    """Raises LimitReached or Conflict unless `number` more projects fit.

    The organization must be locked.
    """
    remaining = count_remaining_projects(organization)
    if remaining <= 0:
        limit = organization.project_limit
        raise LimitReached(
            f"{organization.name} has reached its limit of {limit} "
            f"project{'' if limit == 1 else 's'}. "
            "You can ask support for more on the Projects page.",
            limit=limit,
            used=limit - remaining,
        )
    if number > remaining:
        raise Conflict(
            f"{organization.name} has room for {remaining} more project{'' if remaining == 1 else 's'}, "
            f"not for {number}. Empty some rows, or ask support for more."
        )


def insert_project(organization: Organization, actor: Actor, name: str, slug: str = "") -> Project:
    """Inserts the project and its audit event. The caller has checked the limit."""

    def insert(slug: str) -> Project:
        return organization.projects.create(name=name, slug=slug, created_by=actor.user)

    project = create_with_slug(insert, slug, suggest_slugs(name, "project"), slug_is_taken)
    record(
        actor,
        Action.PROJECT_CREATED,
        organization=organization,
        target=project,
        after={"name": project.name, "slug": project.slug},
    )
    return project


@transaction.atomic
def change_project(
    *, actor: Actor, project: Project, name: str, allow_external_collaborators: bool
) -> None:
    """Changes the project's settings. Raises Conflict if the Default Project should allow externals.

    The switch can be on while the organization's is off; inviting externals needs both.
    """
    access = lock_project(actor.principal, project, Permission.PROJECT_SETTINGS_CHANGE)
    locked = access.project
    before = get_settings(locked)
    turned_on = allow_external_collaborators and not locked.allow_external_collaborators
    if turned_on and locked.is_default:
        raise Conflict(
            {
                "allow_external_collaborators": "The Default Project cannot have external collaborators."
            }
        )
    locked.name = name
    locked.allow_external_collaborators = allow_external_collaborators
    if get_settings(locked) == before:
        return
    locked.save(update_fields=["name", "allow_external_collaborators"])
    record(
        actor,
        Action.PROJECT_CHANGED,
        organization=access.organization,
        target=locked,
        before=before,
        after=get_settings(locked),
    )


@transaction.atomic
def update_project(
    *,
    actor: Actor,
    project: Project,
    name: str | None = None,
    slug: str | None = None,
    allow_external_collaborators: bool | None = None,
    tags: Mapping[str, str] | None = None,
) -> Project:
    """Changes those settings that are not None, all or none of them, and returns the project.

    Raises what `change_project`, `change_slug` and `change_project_tags` raise.
    """
    locked = lock_project(actor.principal, project, Permission.PROJECT_SETTINGS_CHANGE).project
    before = locked.allow_external_collaborators
    allows = before if allow_external_collaborators is None else allow_external_collaborators
    change_project(
        actor=actor, project=project, name=name or locked.name, allow_external_collaborators=allows
    )
    if slug is not None:
        change_slug(actor=actor, project=project, slug=slug)
    if tags is not None:
        change_project_tags(actor=actor, project=project, tags=tags)
    locked.refresh_from_db()
    return locked


@transaction.atomic
def allow_externals(*, actor: Actor, project: Project) -> None:
    """Turns the switch for external collaborators on, also of the given object."""
    access = lock_project(actor.principal, project, Permission.PROJECT_SETTINGS_CHANGE)
    change_project(
        actor=actor,
        project=project,
        name=access.project.name,
        allow_external_collaborators=True,
    )
    project.allow_external_collaborators = True


@transaction.atomic
def change_slug(*, actor: Actor, project: Project, slug: str) -> Project:
    """Changes the project's slug. The old slug redirects to the new one and stays reserved.

    The project can return to a former slug of its own. Raises Conflict if another project has or had
    the slug.
    """
    access = lock_project(actor.principal, project, Permission.PROJECT_SETTINGS_CHANGE)
    locked, before = access.project, access.project.slug
    if slug == before:
        return locked
    locked.slug = slug
    try:
        with transaction.atomic():
            locked.save(update_fields=["slug"])
    except IntegrityError:
        if not slug_is_taken(slug):
            raise
        raise Conflict({"slug": "That slug is taken. Choose another."}) from None
    record(
        actor,
        Action.PROJECT_SLUG_CHANGED,
        organization=access.organization,
        target=locked,
        before={"slug": before},
        after={"slug": slug},
    )
    return locked


def get_settings(project: Project) -> dict[str, str | bool]:
    return {
        "name": project.name,
        "allow_external_collaborators": project.allow_external_collaborators,
    }
