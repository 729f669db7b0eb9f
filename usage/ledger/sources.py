"""Who posts usage, and how the places it landed in are called outside."""

from projects.models import Project
from usage.models import UsageSource


def source_of_credential(credential: int) -> UsageSource:
    """What a service credential posts is told apart from what others post."""
    source, _ = UsageSource.objects.get_or_create(
        credential_id=credential, defaults={"name": f"credential:{credential}"}
    )
    return source


def source_named(name: str) -> UsageSource:
    """The source of an import or of the console itself, made when it first posts."""
    source, _ = UsageSource.objects.get_or_create(name=name)
    return source


def public_places(projects: set[int]) -> dict[int, dict[str, str]]:
    """The public ids of projects and of their organizations, by the projects' primary keys."""
    found = Project.objects.filter(pk__in=projects).values_list(
        "pk", "public_id", "organization__public_id"
    )
    return {
        pk: {"project_id": project, "organization_id": organization}
        for pk, project, organization in found
    }
