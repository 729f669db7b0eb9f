"""Service accounts with tokens and keys, for tests."""

from typing import Any

from accounts.actors import Actor
from accounts.models import User
from keys.service_accounts.services import IssuedAccountToken, create_account_token
from projects.models import Project, ServiceAccount, ServiceAccountRole
from projects.service_accounts.services import create_service_account


def create_account(
    user: User, project: Project, name: str = "CI", role: str = ServiceAccountRole.ADMIN
) -> ServiceAccount:
    actor = Actor.of_user(user)
    return create_service_account(actor=actor, project=project, name=name, role=role)


def issue_account_token(
    user: User, account: ServiceAccount, name: str = "deploy", **fields: Any
) -> IssuedAccountToken:
    """A token of the service account, with its secret."""
    actor = Actor.of_user(user)
    return create_account_token(actor=actor, account=account, name=name, **fields)


def acting_account(
    user: User, project: Project, name: str = "CI", role: str = ServiceAccountRole.ADMIN
) -> tuple[ServiceAccount, str]:
    """A service account that the user created, and the secret of a token of it."""
    account = create_account(user, project, name, role)
    return account, issue_account_token(user, account).secret
