"""Creates personal access tokens and revokes them, a person's own or those of an organization."""

import datetime as dt
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404
from django.utils import timezone

from accounts.access.organization import lock_organization, lock_person, lock_signed_in_person
from accounts.actors import Actor
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.models import Organization, User
from accounts.outbox import notify
from accounts.permissions import Permission
from keys.admin_keys.revoking import revoke_created
from keys.enums import TokenScope
from keys.formats import Prefix, new_secret
from keys.models import KeyPolicy, PersonalToken
from keys.models.lineage import Lineage
from keys.personal_tokens.access import FOR_ORGANIZATION, FOR_PROJECT
from projects.access import lock_project
from projects.models import Project

LONGEST_DAYS = 366
MAX_TOKENS = 100  # unrevoked tokens of one person
NAME_TAKEN = (
    "You already have a token with this name. Choose another name, or revoke that token first."
)
TOO_MANY = f"You already have {MAX_TOKENS} tokens. Revoke those you no longer need."


@dataclass(frozen=True)
class IssuedToken:
    """A token and its secret, which is stored nowhere and appears in no `repr`."""

    token: PersonalToken
    secret: str = field(repr=False)


@transaction.atomic
def create_personal_token(
    *,
    actor: Actor,
    name: str,
    target: Organization | Project,
    scope: TokenScope,
    days: int,
) -> IssuedToken:
    """Creates a token with which scripts act as the actor in the `target`.

    It expires after `days`, 1 to 366, or earlier if the organization's key policy limits secrets. Raises
    Conflict if an unrevoked token of the actor has the name, or if they have too many.
    """
    if not 1 <= days <= LONGEST_DAYS:
        raise ValidationError({"days": f"Choose 1 to {LONGEST_DAYS} days."})
    organization, project = lock_target(actor, target)
    person = lock_signed_in_person(actor)
    require_room(person, name)
    now, secret = timezone.now(), new_secret(Prefix.PERSONAL)
    token = PersonalToken(user=person, organization=organization, project=project, name=name)
    token.scope, token.created_at = scope, now
    end = KeyPolicy.of(organization).limit_end(now + dt.timedelta(days=days), now)
    assert end  # only keys may never expire
    token.expires_at = end
    token.set_secret(secret)
    token.save(force_insert=True)
    made = {"for": str(target), "scope": scope, "expires_at": end.isoformat()}
    token.record_event(actor, Action.TOKEN_CREATED, after={"name": name, **made})
    subject = "A personal access token was created in your account"
    notify(person, subject, "keys/mail/token_created.txt", token=token, actor=actor, at=now)
    return IssuedToken(token, secret)


def lock_target(
    actor: Actor, target: Organization | Project
) -> tuple[Organization, Project | None]:
    """Locks the target and checks the actor's permission again. Returns its organization and project."""
    if isinstance(target, Project):
        access = lock_project(actor.principal, target, FOR_PROJECT)
        return access.organization, access.project
    return lock_organization(actor.principal, target, FOR_ORGANIZATION).organization, None


def require_room(person: User, name: str) -> None:
    """Raises Conflict unless another token of that name may be created. The person must be locked."""
    tokens = person.personal_tokens
    if tokens.unrevoked().filter(name=name).exists():
        raise Conflict({"name": NAME_TAKEN})
    if tokens.unrevoked().count() >= MAX_TOKENS:
        raise Conflict(TOO_MANY)


@transaction.atomic
def revoke_own_token(*, actor: Actor, token: PersonalToken) -> PersonalToken:
    """Revokes the actor's token for good. Raises Conflict if it is revoked already."""
    locked = require_unrevoked(lock_person(actor.person).personal_tokens.lock(token.pk))
    locked.revoke(actor)
    return locked


@transaction.atomic
def revoke_members_token(
    *,
    actor: Actor,
    organization: Organization,
    token: PersonalToken,
    with_created: bool = False,
    with_api_keys: bool = False,
) -> PersonalToken:
    """Revokes any person's token for the organization or one of its projects, and notifies its owner.

    See `revoke_created` for what goes with it.
    """
    permission = Permission.ORGANIZATION_TOKENS_REVOKE
    access = lock_organization(actor.principal, organization, permission)
    locked = require_unrevoked(access.organization.personal_tokens.lock(token.pk))
    locked.revoke(actor)
    lineage = Lineage(access.organization, [locked])
    revoke_created(actor, locked, lineage, with_created=with_created, with_api_keys=with_api_keys)
    if locked.user != actor.user:
        subject = f"Your access token {locked.name} was revoked"
        notify(locked.user, subject, "keys/mail/token_revoked.txt", token=locked, actor=actor)
    return locked


def require_unrevoked(token: PersonalToken | None) -> PersonalToken:
    """Returns the token. Raises Http404 if there is none, Conflict if it is already revoked."""
    if token is None:
        raise Http404
    if token.revoked_at:
        raise Conflict(f"{token.name} is already revoked.")
    return token
