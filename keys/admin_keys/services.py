"""Creates and revokes admin API keys."""

import datetime as dt
from dataclasses import dataclass, field

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.http import Http404
from django.utils import timezone

from accounts.access.organization import lock_organization, lock_signed_in_person
from accounts.actors import Actor
from accounts.enums import Action, PrincipalKind
from accounts.errors import Conflict, TooMany
from accounts.models import Organization
from accounts.outbox import notify
from accounts.permissions import Permission
from keys.admin_keys.revoking import revoke_created
from keys.formats import Prefix, new_secret
from keys.models import AdminKey
from keys.models.lineage import Lineage

RETRY_SECONDS = 3600
LONGEST = dt.timedelta(days=366)
MAX_ADMIN_KEYS = 50  # unrevoked keys of one organization
# Each creation is emailed to the Owner: many would bury the one that matters.
MAX_IN_A_DAY = 50
NAME_TAKEN = (
    "An admin API key with this name already exists. Choose another name, or revoke that key."
)
TOO_MANY = (
    f"The organization already has {MAX_ADMIN_KEYS} admin API keys. Revoke some you no longer need."
)
TOO_MANY_TODAY = (
    f"The organization created {MAX_IN_A_DAY} admin API keys within 24 hours. Try again later."
)
LIFETIME = "An admin API key must expire within 1 second to 366 days."
OUTLIVES = (
    "A new key can't outlive the admin API key that creates it, which expires on "
    "{end:%Y-%m-%d at %H:%M} UTC."
)


@dataclass(frozen=True)
class IssuedAdminKey:
    """An admin API key and its secret, which is stored nowhere and appears in no `repr`."""

    key: AdminKey
    secret: str = field(repr=False)


@transaction.atomic
def create_admin_key(
    *, actor: Actor, organization: Organization, name: str, lifetime: dt.timedelta | None = None
) -> IssuedAdminKey:
    """Creates a key for the organization and notifies its Owner.

    It expires after `lifetime`, up to 366 days, which is also the default. A key created by an admin key
    expires no later than that. Raises ValidationError for a wrong lifetime, Conflict if an unrevoked key has
    the name or there are too many.
    """
    permission = Permission.ADMIN_KEYS_MANAGE
    access = lock_organization(actor.principal, organization, permission)
    if actor.user:
        lock_signed_in_person(actor)
    return issue_admin_key(actor, access.organization, name, lifetime)


@transaction.atomic
def create_admin_key_for_operator(
    *, actor: Actor, organization: Organization, name: str
) -> IssuedAdminKey:
    """Creates a key on behalf of the operator's command line, which needs no role in the organization."""
    return issue_admin_key(actor, Organization.objects.lock(organization.pk), name, None)


def issue_admin_key(
    actor: Actor, organization: Organization, name: str, lifetime: dt.timedelta | None
) -> IssuedAdminKey:
    """Creates the key. The organization must be locked."""
    now = timezone.now()
    require_room(organization, name)
    creator = organization.admin_keys.live().filter(public_id=actor.principal.credential).first()
    if creator is None and actor.principal.kind == PrincipalKind.ADMIN_KEY:
        raise PermissionDenied  # it has expired at this moment
    key = AdminKey(organization=organization, name=name, created_at=now)
    key.created_by, key.created_with = actor.user, creator
    key.expires_at = choose_end(creator, lifetime, now)
    secret = new_secret(Prefix.ADMIN_KEY)
    key.set_secret(secret)
    key.save(force_insert=True)
    after = {"name": name, "expires_at": key.expires_at.isoformat()}
    key.record_event(actor, Action.ADMIN_KEY_CREATED, after=after)
    notify(
        organization.memberships.owner().user,
        f"An admin API key was created for {organization.name}",
        "keys/mail/admin_key_created.txt",
        organization=organization,
        key=key,
        actor=actor,
    )
    return IssuedAdminKey(key, secret)


def require_room(organization: Organization, name: str) -> None:
    """Raises Conflict or TooMany unless another key of that name may be created now.

    The organization must be locked.
    """
    keys = organization.admin_keys.unrevoked()
    if keys.filter(name=name).exists():
        raise Conflict({"name": NAME_TAKEN})
    if keys.count() >= MAX_ADMIN_KEYS:
        raise Conflict(TOO_MANY)
    since = timezone.now() - dt.timedelta(days=1)
    if organization.admin_keys.filter(created_at__gt=since).count() >= MAX_IN_A_DAY:
        raise TooMany(TOO_MANY_TODAY, params={}, retry_after=RETRY_SECONDS)


def choose_end(
    creator: AdminKey | None, lifetime: dt.timedelta | None, now: dt.datetime
) -> dt.datetime:
    """Returns when the key expires. Raises ValidationError if that is not possible."""
    if lifetime is not None and not dt.timedelta(0) < lifetime <= LONGEST:
        raise ValidationError({"lifetime": LIFETIME})
    end = now + (LONGEST if lifetime is None else lifetime)
    if creator is None or end <= creator.expires_at:
        return end
    if lifetime is None:
        return creator.expires_at
    raise ValidationError({"lifetime": OUTLIVES.format(end=creator.expires_at)})


@transaction.atomic
def revoke_admin_key(
    *,
    actor: Actor,
    organization: Organization,
    key: AdminKey,
    with_created: bool = False,
    with_api_keys: bool = False,
) -> AdminKey:
    """Revokes the key for good, from the next request on.

    See `revoke_created` for what goes with it; otherwise that stays.

    Raises Conflict if it is already revoked, Http404 if it is not the organization's.
    """
    permission = Permission.ADMIN_KEYS_MANAGE
    access = lock_organization(actor.principal, organization, permission)
    locked: AdminKey | None = access.organization.admin_keys.filter(pk=key.pk).first()
    if locked is None:
        raise Http404
    if locked.revoked_at:
        raise Conflict(f"{locked.name} is already revoked.")
    lineage = Lineage(access.organization, [locked])
    locked.revoke(actor)
    revoke_created(actor, locked, lineage, with_created=with_created, with_api_keys=with_api_keys)
    return locked
