"""Paths of API keys in the management API."""

from keys.models import ApiKey
from projects.models import Project
from tests.keys.helpers.api_client import call


def keys_of(project: Project) -> str:
    return f"/v1/organization/projects/{project.public_id}/api_keys"


def path(key: ApiKey, act: str = "") -> str:
    return f"{keys_of(key.project)}/{key.public_id}{act}"


def is_valid(secret: str) -> bool:
    return bool(call("/v1/auth", secret).status_code == 200)
