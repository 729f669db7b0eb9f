"""Creates and revokes tokens of service accounts, creates their API keys, and removes the accounts."""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404
from django.utils import timezone

from accounts.access.organization import lock_signed_in_person
from accounts.actors import Actor
from accounts.enums import Action, PrincipalKind
from accounts.errors import Conflict
from accounts.models.periods import first_moment
from keys.admin_keys.revoking import revoke_created, revoke_created_keys
from keys.api_keys.services import IssuedKey, create_key
from keys.formats import Prefix, new_secret
from keys.models import AccountToken, KeyPolicy
from keys.models.lineage import Lineage
from projects.access import ProjectAccess
from projects.models import ServiceAccount, ServiceAccountRole
from projects.service_accounts.services import lock_account, remove_service_account

LONGEST = dt.timedelta(days=366)
MAX_TOKENS = 50  # unrevoked ones of a service account
NAME_TAKEN = "This service account already has a token with this name. Choose another name."
TOO_MANY = f"The service account already has {MAX_TOKENS} tokens. Revoke those you no longer need."
WHY_REVOKED = "The service account that created it was removed."
NO_ROLE = "This service account has no role, so a token could do nothing. Give it a role first."
LIFETIME = "A service account token must expire within 1 second to 366 days."
OUTLIVES = (
    "A token can't outlive the credential that creates it, which expires on "
    "{end:%Y-%m-%d at %H:%M} UTC."
)


@dataclass(frozen=True)
class IssuedAccountToken:
    """A token and its secret, which is stored nowhere and appears in no `repr`."""

    token: AccountToken
    secret: str = field(repr=False)


@transaction.atomic
def create_account_token(
    *, actor: Actor, account: ServiceAccount, name: str, lifetime: dt.timedelta | None = None
) -> IssuedAccountToken:
    """Creates a token with which a program acts as the service account.

    It expires after `lifetime`, up to 366 days, which is also the default, but no later than the credential
    that the actor uses, and earlier if the key policy limits secrets or the actor's own access ends.
    Raises ValidationError for a wrong lifetime, Conflict if an unrevoked token of the account has the
    name, if there are too many or if the account has no role.
    """
    access, locked = lock_account(actor, account)
    if actor.user:
        lock_signed_in_person(actor)
    require_room(locked, name)
    now, secret = timezone.now(), new_secret(Prefix.SERVICE_ACCOUNT)
    token = AccountToken(service_account=locked, name=name, created_at=now, created_by=actor.user)
    token.created_with = actor.principal.credential_id
    token.expires_at = choose_end(access, lifetime, now)
    token.set_secret(secret)
    token.save(force_insert=True)
    after = {"name": name, "expires_at": token.expires_at.isoformat()}
    token.record_event(actor, Action.ACCOUNT_TOKEN_CREATED, after=after)
    return IssuedAccountToken(token, secret)


def require_room(account: ServiceAccount, name: str) -> None:
    """Raises Conflict unless another token of that name may be created. The project must be locked."""
    if account.role == ServiceAccountRole.NONE:
        raise Conflict(NO_ROLE)
    tokens = account.tokens.unrevoked()
    if tokens.filter(name=name).exists():
        raise Conflict({"name": NAME_TAKEN})
    if tokens.count() >= MAX_TOKENS:
        raise Conflict(TOO_MANY)


def choose_end(
    access: ProjectAccess, lifetime: dt.timedelta | None, now: dt.datetime
) -> dt.datetime:
    """Returns when a token created now expires. Raises ValidationError if that is not possible."""
    if lifetime is not None and not dt.timedelta(0) < lifetime <= LONGEST:
        raise ValidationError({"lifetime": LIFETIME})
    end, latest = now + (lifetime or LONGEST), find_end_of_credential(access)
    if latest and end > latest:
        if lifetime is not None:
            raise ValidationError({"lifetime": OUTLIVES.format(end=latest)})
        end = latest
    limited = KeyPolicy.of(access.organization).limit_end(end, now)
    assert limited  # only keys may never expire
    return min(filter(None, [limited, find_end_of_access(access)]))


def find_end_of_access(access: ProjectAccess) -> dt.datetime | None:
    """Returns when the access of the person who acts ends; None without an end date.

    Otherwise they would keep a token of their project for longer than they have access to it.
    """
    row = access.project.collaborators.with_people().of_user(access.principal.user)
    if row is None or row.end_date is None or row.keeps_access:
        return None
    return first_moment(row.end_date + dt.timedelta(days=1))


def find_end_of_credential(access: ProjectAccess) -> dt.datetime | None:
    """Returns when the credential that the principal uses expires; None for a session.

    Raises PermissionDenied if it has expired at this moment.
    """
    principal, organization = access.principal, access.organization
    if principal.credential in ("", "session"):
        return None
    rows: Any = {
        PrincipalKind.SERVICE_ACCOUNT: AccountToken.objects.in_organization(organization),
        PrincipalKind.ADMIN_KEY: organization.admin_keys.all(),
    }.get(principal.kind, organization.personal_tokens.all())
    ends = rows.live().filter(public_id=principal.credential).values_list("expires_at", flat=True)
    end: dt.datetime | None = ends.first()
    if end is None:
        raise PermissionDenied
    return end


@transaction.atomic
def revoke_account_token(
    *,
    actor: Actor,
    token: AccountToken,
    with_created: bool = False,
    with_api_keys: bool = False,
) -> AccountToken:
    """Revokes the token for good, from the next request on. See `revoke_created` for what goes with it.

    Raises Conflict if it is already revoked.
    """
    access, account = lock_account(actor, token.service_account)
    locked: AccountToken | None = account.tokens.in_full().filter(pk=token.pk).first()
    if locked is None:
        raise Http404
    if locked.revoked_at:
        raise Conflict(f"{locked.name} is already revoked.")
    locked.revoke(actor)
    lineage = Lineage(access.organization, [locked])
    revoke_created(actor, locked, lineage, with_created=with_created, with_api_keys=with_api_keys)
    return locked


def find_lineage(access: ProjectAccess, account: ServiceAccount) -> Lineage:
    """Returns what goes back to the tokens of the account, whether or not those still work."""
    return Lineage(access.organization, list(account.tokens.all()))


@transaction.atomic
def remove_account_with_created(
    *,
    actor: Actor,
    account: ServiceAccount,
    with_created: bool = False,
    with_api_keys: bool = False,
) -> int:
    """Removes the account as `remove_service_account` does, and revokes what its tokens created.

    `with_created` revokes the tokens of other accounts, and withdraws the pending invitations that those
    sent; `with_api_keys` revokes the API keys. Returns the number of its own API keys that were active.
    """
    access, locked = lock_account(actor, account)
    lineage = find_lineage(access, locked)
    number = remove_service_account(actor=actor, account=locked)
    if with_created:
        lineage.revoke_created(actor)
    if with_api_keys:
        revoke_created_keys(actor, lineage, reason=WHY_REVOKED)
    return number


@transaction.atomic
def create_account_key(
    *,
    actor: Actor,
    account: ServiceAccount,
    name: str,
    expires_at: dt.datetime | None = None,
) -> IssuedKey:
    """Creates an API key that belongs to the service account; see `create_key`."""
    access, locked = lock_account(actor, account)
    return create_key(
        actor=actor,
        project=access.project,
        name=name,
        expires_at=expires_at,
        service_account=locked,
    )
