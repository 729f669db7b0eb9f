"""The rows that the actors of a batch are resolved from, looked up by public id."""

from collections.abc import Iterable
from typing import NamedTuple

from accounts.models import Organization, User
from keys.models import ApiKey
from projects.models import Project
from usage.attribution import Location
from usage.ids import KeyId, OrganizationId, ProjectId, UserId
from usage.ingest.events import is_valid_id


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
KEY_CACHE: dict[str, CachedKey] = {}
DEFAULT_CACHE: dict[OrganizationId, Location] = {}
MAX_CACHED = 100_000


def fetch_keys(ids: set[str]) -> dict[str, CachedKey]:
    if missing := ids - KEY_CACHE.keys():
        if len(KEY_CACHE) + len(missing) > MAX_CACHED:
            KEY_CACHE.clear()
            missing = ids
        rows = ApiKey.objects.filter(public_id__in=missing).values_list(
            "public_id", "pk", "project_id", "project__organization_id"
        )
        for public_id, pk, project, organization in rows:
            location = build_location(organization=organization, project=project)
            KEY_CACHE[public_id] = CachedKey(pk=KeyId(pk), project=location)
    return {public_id: KEY_CACHE[public_id] for public_id in ids if public_id in KEY_CACHE}


def fetch_users(ids: set[str]) -> dict[str, UserRow]:
    if not ids:
        return {}
    rows = User.objects.filter(public_id__in=ids).values_list(
        "public_id", "pk", "home_organization_id"
    )
    return {
        public_id: UserRow(pk=UserId(pk), home=OrganizationId(home) if home else None)
        for public_id, pk, home in rows
    }


def fetch_projects(ids: set[str]) -> dict[str, ProjectRow]:
    if not ids:
        return {}
    rows = Project.objects.filter(public_id__in=ids).values_list(
        "public_id", "organization_id", "pk", "is_default"
    )
    return {
        public_id: ProjectRow(build_location(organization=organization, project=pk), is_default)
        for public_id, organization, pk, is_default in rows
    }


def fetch_organizations(ids: set[str]) -> dict[str, OrganizationId]:
    if not ids:
        return {}
    rows = Organization.objects.filter(public_id__in=ids).values_list("public_id", "pk")
    return {public_id: OrganizationId(pk) for public_id, pk in rows}


def fetch_default_projects(organizations: set[OrganizationId]) -> dict[OrganizationId, Location]:
    if missing := organizations - DEFAULT_CACHE.keys():
        if len(DEFAULT_CACHE) + len(missing) > MAX_CACHED:
            DEFAULT_CACHE.clear()
            missing = organizations
        rows = Project.objects.filter(is_default=True, organization__in=missing)
        for organization, pk in rows.values_list("organization_id", "pk"):
            location = build_location(organization=organization, project=pk)
            DEFAULT_CACHE[location.organization] = location
    return {organization: DEFAULT_CACHE[organization] for organization in organizations}


def build_location(*, organization: int, project: int) -> Location:
    return Location(organization=OrganizationId(organization), project=ProjectId(project))
