"""Service accounts for tests."""

from accounts.models import User
from projects.models import Project, ServiceAccount


def make_account(project: Project, user: User | None, name: str = "CI") -> ServiceAccount:
    """Returns the unremoved service account with that name, a Member; created if there is none."""
    found = project.service_accounts.current().filter(name=name).first()
    return found or project.service_accounts.create(name=name, created_by=user)
