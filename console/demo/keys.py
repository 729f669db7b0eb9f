"""API keys of the demo world, in every state. Their secrets are never shown.

Keys with a past (created weeks ago, used, expired, revoked) are inserted directly, as services would have
written them at the time.
"""

import datetime as dt
from dataclasses import dataclass

from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import Action
from accounts.models import User
from accounts.models.principals import Principal
from accounts.permissions import EXTERNAL_ROLES, ProjectRole
from keys.api_keys.services import LONGEST_OVERLAP, rotate_key
from keys.formats import Prefix, new_secret
from keys.models import ApiKey
from projects.models import Collaborator, Project, ServiceAccount
from projects.services.collaborators import remove_collaborator

ADMIN, MEMBER = "admin@northwind.example", "member@northwind.example"
PARTNER, FORMER = "partner@contoso.example", "stranger@fabrikam.example"


@dataclass(frozen=True)
class DemoKey:
    """A key created by the user with that email address, by default the Owner. Times count from now."""

    name: str
    creator: str
    age: dt.timedelta
    used: dt.timedelta | None = None
    ends: dt.timedelta | None = None
    then: str = ""


def days(number: int) -> dt.timedelta:
    return dt.timedelta(days=number)


def hours(number: float) -> dt.timedelta:
    return dt.timedelta(hours=number)


REVOKED = days(16)  # ago
KEYS = {
    "ml-research": [
        DemoKey("staging-2025", "", days(210), days(31), days(-9)),
        DemoKey("old-laptop", ADMIN, days(160), days(44), then="revoked"),
        DemoKey("prod-inference", ADMIN, days(96), hours(0.03)),
        DemoKey("ci-pipeline", "", days(84), hours(0.4), days(6)),
        DemoKey("vector-index", FORMER, days(70), hours(26), then="left"),
        DemoKey("notebooks", MEMBER, days(41), hours(3), days(66)),
        DemoKey("batch-embeddings", ADMIN, days(33), hours(2), then="rotated"),
        DemoKey("eval-runner", PARTNER, days(20), hours(21)),
        DemoKey("playground-tests", MEMBER, days(5)),
    ],
    "production": [
        DemoKey("load-test", ADMIN, days(120), days(90), then="revoked"),
        DemoKey("api-gateway", ADMIN, days(118), hours(0.02)),
        DemoKey("billing-export", "", days(58), hours(9), days(12)),
    ],
}


def create_demo_keys(project: Project, slug: str, owner: Actor) -> None:
    """Creates the keys of a project, unless it already has keys."""
    if project.api_keys.listed().exists():
        return
    for line in KEYS[slug]:
        user = User.objects.filter(email=line.creator).first()
        external = add_temporary_external(project, user, owner) if line.then == "left" else None
        creator = Actor.of_user(user) if user else None
        is_in = creator is not None and project.find_role(creator.principal) is not None
        key = create_demo_key(project, line, creator if creator and is_in else owner)
        if external:
            remove_collaborator(actor=owner, collaborator=external)
        elif line.then == "rotated":
            rotate_key(actor=owner, key=key, overlap=LONGEST_OVERLAP)
            key.secrets.filter(ends_at=None).update(last_used_at=timezone.now())
        elif line.then == "revoked":
            revoked_at = timezone.now() - REVOKED
            project.api_keys.filter(pk=key.pk).update(revoked_at=revoked_at, revoked_by=owner.user)
            key.record_event(owner, Action.KEY_REVOKED)


def add_temporary_external(
    project: Project, user: User | None, owner: Actor
) -> Collaborator | None:
    """Adds an external collaborator, to be removed after creating a key; None if that is not possible."""
    if (
        user is None
        or not project.allow_external_collaborators
        or project.find_role(Principal.of_absent(user))
    ):
        return None
    if project.organization.memberships.filter(user=user).exists():
        return None
    return project.collaborators.create(
        user=user, role=ProjectRole.MEMBER, added_by=owner.person, vouched_by=owner.person
    )


def create_demo_key(
    project: Project, line: DemoKey, creator: Actor, account: ServiceAccount | None = None
) -> ApiKey:
    """Inserts a key, of a service account if one is given, as `create_key` would have done at the time."""
    now = timezone.now()
    ends = None if line.ends is None else now + line.ends
    key = ApiKey(
        project=project,
        name=line.name,
        service_account=account,
        created_by=creator.user,
        created_at=now - line.age,
        expires_at=ends,
    )
    key.save(force_insert=True)
    secret = key.secrets.model(
        api_key=key,
        created_by=creator.user,
        created_at=now - line.age,
        may_read_usage=project.find_role(creator.principal) not in EXTERNAL_ROLES,
        last_used_at=None if line.used is None else now - line.used,
    )
    secret.set_secret(new_secret(Prefix.PROJECT_KEY))
    secret.save(force_insert=True)
    owned = {"service_account": account.name} if account else {}
    after = {"name": line.name, "expires_at": ends.isoformat() if ends else None, **owned}
    key.record_event(creator, Action.KEY_CREATED, after=after)
    return key
