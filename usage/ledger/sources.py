"""What posts usage, and the public ids of where it is billed."""

from collections.abc import Collection

from projects.models import Project
from usage.ids import ProjectId
from usage.models import UsageSource


def get_credential_source(credential: int) -> UsageSource:
    """Returns the source of a service credential's events, creating it at its first event."""
    source, _ = UsageSource.objects.get_or_create(
        credential_id=credential, defaults={"name": f"credential:{credential}"}
    )
    return source


def get_source(name: str) -> UsageSource:
    """Returns the source of an import or of the console itself, creating it at its first event."""
    source, _ = UsageSource.objects.get_or_create(name=name)
    return source


def fetch_public_ids(projects: Collection[ProjectId]) -> dict[ProjectId, dict[str, str]]:
    """Returns the public ids of projects and their organizations, as the API names them."""
    rows = Project.objects.filter(pk__in=projects).values_list(
        "pk", "public_id", "organization__public_id"
    )
    return {
        ProjectId(pk): {"project_id": project, "organization_id": organization}
        for pk, project, organization in rows
    }
