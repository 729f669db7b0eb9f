"""Creates and changes organizations, and sends their requests to support."""

from django.db import transaction

from accounts.access.organization import lock_organization, lock_person
from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.models import Organization, User
from accounts.organizations.slugs import create_with_slug, suggest_slugs
from accounts.permissions import OrganizationRole, Permission

OWNED_LIMIT = 10
DEFAULT_PROJECT_NAME = "Default Project"


def default_project_slug(organization_slug: str) -> str:
    return f"{organization_slug}-default"


def slug_is_taken(slug: str) -> bool:
    """Returns whether the slug, or the one made from it for the Default Project, is taken."""
    projects = Organization._meta.get_field("projects").related_model
    return (
        Organization.objects.filter(slug=slug).exists()
        or projects._default_manager.filter(slugs__slug=default_project_slug(slug)).exists()
    )


def create_ownerless_organization(name: str, slug: str = "") -> Organization:
    """Creates an organization with its Default Project and Default Key, but without an Owner.

    Call `add_owner` in the same transaction. The two are separate because every user needs a home
    organization, so at sign-up the organization comes first. Raises Conflict if `slug` is taken.
    """

    def create(slug: str) -> Organization:
        organization = Organization.objects.create(name=name, slug=slug)
        default = organization.projects.create(
            name=DEFAULT_PROJECT_NAME, slug=default_project_slug(slug), is_default=True
        )
        default.api_keys.create_default_key(default)
        return organization

    return create_with_slug(create, slug, suggest_slugs(name, "organization"), slug_is_taken)


def add_owner(organization: Organization, actor: Actor) -> None:
    """Makes the actor the Owner of a new organization."""
    organization.memberships.create(user=actor.person, role=OrganizationRole.OWNER)
    record(
        actor,
        Action.ORGANIZATION_CREATED,
        organization=organization,
        target=organization,
        after={"name": organization.name, "slug": organization.slug},
    )


@transaction.atomic
def create_organization(*, actor: Actor, name: str, slug: str = "") -> Organization:
    """Creates an organization owned by the actor, with its Default Project.

    Raises Conflict if the actor owns `OWNED_LIMIT` organizations or `slug` is taken.
    """
    if Organization.objects.owned_by(lock_person(actor.person)).count() >= OWNED_LIMIT:
        raise Conflict(
            f"You already own {OWNED_LIMIT} organizations, which is the limit. "
            "Close or transfer one first."
        )
    organization = create_ownerless_organization(name, slug)
    add_owner(organization, actor)
    return organization


def name_personal_organization(user: User) -> str:
    """Returns the name of the organization created for a user."""
    return f"{user.name or user.email.split('@')[0]}"[:90]


@transaction.atomic
def change_organization(*, actor: Actor, organization: Organization, name: str) -> None:
    """Renames the organization."""
    access = lock_organization(
        actor.principal, organization, Permission.ORGANIZATION_SETTINGS_CHANGE
    )
    before = access.organization.name
    if before == name:
        return
    access.organization.name = name
    access.organization.save(update_fields=["name"])
    record(
        actor,
        Action.ORGANIZATION_CHANGED,
        organization=access.organization,
        target=access.organization,
        before={"name": before},
        after={"name": name},
    )
