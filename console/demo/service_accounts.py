"""Service accounts of the demo world, each with an API key. Secrets are never shown."""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import Action
from accounts.models import User
from console.demo.keys import ADMIN, DemoKey, create_demo_key, days, hours
from keys.formats import Prefix, new_secret
from keys.models import AccountToken
from projects.models import Project, ServiceAccount, ServiceAccountRole

TOKEN_DAYS = 366


@dataclass(frozen=True)
class DemoAccount:
    """A service account with a key of its name, created by the user with that address or the Owner."""

    role: ServiceAccountRole
    key: DemoKey
    token: str = ""
    token_used: dt.timedelta | None = None


ACCOUNTS = {
    "ml-research": [
        DemoAccount(
            ServiceAccountRole.ADMIN,
            DemoKey("deploy-bot", "", days(86), hours(7)),
            token="github-actions",  # noqa: S106  (its name)
            token_used=hours(0.5),
        ),
        DemoAccount(
            ServiceAccountRole.MEMBER, DemoKey("nightly-evals", ADMIN, days(34), hours(11))
        ),
    ]
}


def create_demo_accounts(project: Project, slug: str, owner: Actor) -> None:
    """Creates the service accounts of a project, unless it has or had some."""
    if project.service_accounts.exists():
        return
    for line in ACCOUNTS.get(slug, []):
        user = User.objects.filter(email=line.key.creator).first()
        creator = Actor.of_user(user) if user else owner
        if project.find_role(creator.principal) is None:
            creator = owner
        account = create_demo_account(project, line, creator)
        if not project.api_keys.listed().unrevoked().filter(name=line.key.name).exists():
            create_demo_key(project, line.key, creator, account)
        if line.token:
            create_demo_token(account, line, creator)


def create_demo_account(project: Project, line: DemoAccount, creator: Actor) -> ServiceAccount:
    """Inserts a service account as `create_service_account` would have done at the time."""
    account = ServiceAccount(
        project=project,
        name=line.key.name,
        role=line.role,
        created_by=creator.user,
        created_at=timezone.now() - line.key.age,
    )
    account.save(force_insert=True)
    after = {"name": account.name, "role": account.role}
    account.record_event(creator, Action.SERVICE_ACCOUNT_CREATED, after=after)
    return account


def create_demo_token(account: ServiceAccount, line: DemoAccount, creator: Actor) -> None:
    """Inserts a token as `create_account_token` would have done when the account was created."""
    token = AccountToken(
        service_account=account,
        name=line.token,
        created_by=creator.user,
        created_at=account.created_at,
        expires_at=account.created_at + days(TOKEN_DAYS),
        last_used_at=timezone.now() - line.token_used if line.token_used else None,
    )
    token.set_secret(new_secret(Prefix.SERVICE_ACCOUNT))
    token.save(force_insert=True)
    after = {"name": token.name, "expires_at": token.expires_at.isoformat()}
    token.record_event(creator, Action.ACCOUNT_TOKEN_CREATED, after=after)
