"""Makes personal access tokens, each shown once, and revokes them: one's own, or an organization's."""

import datetime as dt
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404
from django.utils import timezone

from accounts.access.organization import lock_organization, lock_person
from accounts.actors import Actor
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.models import Organization, User
from accounts.outbox import notify
from accounts.permissions import Permission
from keys.enums import TokenScope
from keys.formats import Prefix, new_secret
from keys.models import KeyPolicy, PersonalToken
from keys.personal_tokens.access import FOR_ORGANIZATION, FOR_PROJECT
from projects.access import lock_project
from projects.models import Project

LONGEST_DAYS = 366
MOST = 100  # unrevoked tokens of one person
NAME_TAKEN = "You have a token with that name already. Choose another, or revoke that one first."
MADE_ALREADY = (
    "This form has made its token already. Its secret was shown then and is not shown again: "
    "revoke the token if you did not store it, and create another."
)
TOO_MANY = f"You have {MOST} tokens already. Revoke those you no longer need first."


@dataclass(frozen=True)
class IssuedToken:
    """A token and its secret. The secret is nowhere else, and in no `repr`."""

    token: PersonalToken
    secret: str = field(repr=False)


@transaction.atomic
def create_personal_token(
    *,
    actor: Actor,
    name: str,
    place: Organization | Project,
    scope: TokenScope,
    days: int,
    form_token: str | None = None,
) -> IssuedToken:
    """A token with which the actor's scripts are the actor, in that organization or project.

    It ends after so many days, 1 to 366, or when a secret has to by the organization's key policy.
    Conflict when an unrevoked one of theirs has the name, when they have too many, and when the form
    with that `form_token` has made its token already.
    """
    if not 1 <= days <= LONGEST_DAYS:
        raise ValidationError({"days": f"A token lives for 1 to {LONGEST_DAYS} days."})
    organization, project = lock_target(actor, place)
    person = lock_person(actor.person)
    once = f"{person.pk}:{form_token}" if form_token else None
    require_room(person, name, once)
    now, secret = timezone.now(), new_secret(Prefix.PERSONAL)
    token = PersonalToken(user=person, organization=organization, project=project, name=name)
    token.scope, token.form_token, token.created_at = scope, once, now
    end = KeyPolicy.of(organization).limit_end(now + dt.timedelta(days=days), now)
    assert end  # only a key may live for ever
    token.expires_at = end
    token.set_secret(secret)
    token.save(force_insert=True)
    made = {"for": str(place), "scope": scope, "expires_at": end.isoformat()}
    token.record_event(actor, Action.TOKEN_CREATED, after={"name": name, **made})
    return IssuedToken(token, secret)


def lock_target(actor: Actor, place: Organization | Project) -> tuple[Organization, Project | None]:
    """What the token is for, locked, with the actor's right to it read again."""
    if isinstance(place, Project):
        access = lock_project(actor.principal, place, FOR_PROJECT)
        return access.organization, access.project
    return lock_organization(actor.principal, place, FOR_ORGANIZATION).organization, None


def require_room(person: User, name: str, form_token: str | None) -> None:
    """Conflict unless one more token of that name may be made; with the person's row locked."""
    tokens = person.personal_tokens
    if form_token and tokens.filter(form_token=form_token).exists():
        raise Conflict(MADE_ALREADY)
    if tokens.unrevoked().filter(name=name).exists():
        raise Conflict({"name": NAME_TAKEN})
    if tokens.unrevoked().count() >= MOST:
        raise Conflict(TOO_MANY)


@transaction.atomic
def revoke_own_token(*, actor: Actor, token: PersonalToken) -> PersonalToken:
    """Refused from the next request on, for good; Conflict when it is revoked already."""
    locked = require_unrevoked(lock_person(actor.person).personal_tokens.lock(token.pk))
    locked.revoke(actor)
    return locked


@transaction.atomic
def revoke_members_token(
    *, actor: Actor, organization: Organization, token: PersonalToken
) -> PersonalToken:
    """The same for a token of anybody for the organization or a project of it; they are told by mail."""
    permission = Permission.ORGANIZATION_TOKENS_REVOKE
    access = lock_organization(actor.principal, organization, permission)
    locked = require_unrevoked(access.organization.personal_tokens.lock(token.pk))
    locked.revoke(actor)
    if locked.user != actor.user:
        subject = f"Your access token {locked.name} was revoked"
        notify(locked.user, subject, "keys/mail/token_revoked.txt", token=locked, actor=actor)
    return locked


def require_unrevoked(token: PersonalToken | None) -> PersonalToken:
    """The token; Http404 when there is none, Conflict when it is revoked already."""
    if token is None:
        raise Http404
    if token.revoked_at:
        raise Conflict(f"{token.name} is revoked already.")
    return token
