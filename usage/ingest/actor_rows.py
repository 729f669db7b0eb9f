"""The rows that the actors of a batch are resolved from, looked up by public id."""

from collections.abc import Collection, Iterable
from typing import NamedTuple

from accounts.models import Organization, User
from keys.models import ApiKey
from projects.models import Project
from usage.attribution import Location
from usage.ids import KeyId, OrganizationId, ProjectId, UserId
from usage.ingest.events import is_valid_id
from usage.row_cache import RowCache


class CachedKey(NamedTuple):
    pk: KeyId
    project: Location


class ProjectRow(NamedTuple):
    location: Location
    is_default: bool


class UserRow(NamedTuple):
    pk: UserId
    home: OrganizationId | None


def select_valid_ids(references: Iterable[str | None]) -> set[str]:
    """Returns those that can be looked up: databases refuse some texts altogether."""
    return {reference for reference in references if reference and is_valid_id(reference)}


# Triggers refuse to change the project of a key, the organization of a project and which project is the
# default, so a worker remembers the keys and Default Projects that it has seen.
KEY_CACHE: RowCache[str, CachedKey] = RowCache()
DEFAULT_CACHE: RowCache[OrganizationId, Location] = RowCache()


def fetch_keys(ids: set[str]) -> dict[str, CachedKey]:
    return KEY_CACHE.fetch(ids, load_keys)


def load_keys(ids: Collection[str]) -> dict[str, CachedKey]:
    rows = ApiKey.objects.filter(public_id__in=ids).values_list(
        "public_id", "pk", "project_id", "project__organization_id"
    )
    return {
        public_id: CachedKey(KeyId(pk), build_location(organization=organization, project=project))
        for public_id, pk, project, organization in rows
    }


def fetch_users(ids: set[str]) -> dict[str, UserRow]:
    rows = User.objects.filter(public_id__in=ids).values_list(
        "public_id", "pk", "home_organization_id"
    )
    return {
        public_id: UserRow(pk=UserId(pk), home=OrganizationId(home) if home else None)
        for public_id, pk, home in rows
    }


def fetch_projects(ids: set[str]) -> dict[str, ProjectRow]:
    rows = Project.objects.filter(public_id__in=ids).values_list(
        "public_id", "organization_id", "pk", "is_default"
    )
    return {
        public_id: ProjectRow(build_location(organization=organization, project=pk), is_default)
        for public_id, organization, pk, is_default in rows
    }


def fetch_organizations(ids: set[str]) -> dict[str, OrganizationId]:
    rows = Organization.objects.filter(public_id__in=ids).values_list("public_id", "pk")
    return {public_id: OrganizationId(pk) for public_id, pk in rows}


def fetch_default_projects(organizations: set[OrganizationId]) -> dict[OrganizationId, Location]:
    return DEFAULT_CACHE.fetch(organizations, load_default_projects)


def load_default_projects(
    organizations: Collection[OrganizationId],
) -> dict[OrganizationId, Location]:
    rows = Project.objects.filter(is_default=True, organization__in=organizations)
    return {
        OrganizationId(organization): build_location(organization=organization, project=pk)
        for organization, pk in rows.values_list("organization_id", "pk")
    }


def build_location(*, organization: int, project: int) -> Location:
    return Location(organization=OrganizationId(organization), project=ProjectId(project))
