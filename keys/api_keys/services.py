"""Creates, rotates, renames, expires and revokes API keys. Each secret is returned once, to be shown once."""

import datetime as dt
from dataclasses import dataclass, field

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.permissions import EXTERNAL_ROLES
from accounts.web.formatting import format_count
from keys.api_keys.locking import (
    lock_key,
    lock_to_change,
    lock_to_issue,
    lock_to_manage,
    require_changeable,
)
from keys.api_keys.mails import notify_of_revocation
from keys.enums import KeyStatus
from keys.formats import Prefix, new_secret
from keys.models import ApiKey, KeyPolicy, KeySecret
from projects.models import Project, ServiceAccount

LONGEST_OVERLAP = dt.timedelta(days=7)
NAME_TAKEN = "An active key in this project already has this name. Choose another one."
END_REQUIRED = "The key policy requires an expiration. Choose one."
ROTATED_MEANWHILE = (
    "This key has been rotated since you opened this page. The new secret was shown then and can't be "
    "shown again. If it wasn't saved, undo that rotation or rotate the key again."
)


@dataclass(frozen=True)
class IssuedKey:
    """A key and its new secret, which is stored nowhere and appears in no `repr`."""

    key: ApiKey
    secret: str = field(repr=False)


@transaction.atomic
def create_key(
    *,
    actor: Actor,
    project: Project,
    name: str,
    expires_at: dt.datetime | None = None,
    service_account: ServiceAccount | None = None,
) -> IssuedKey:
    """Creates a key of the project, or of one of its service accounts, and returns it with its secret.

    A key of a service account that counts as external may not read usage. Raises Conflict if an active key
    has the name, ValidationError if the expiration is past or against the key policy.
    """
    access, policy = lock_to_issue(actor, project)
    require_free_name(access.project, name)
    now = timezone.now()
    require_end(policy, expires_at, secret_made_at=now)
    key = ApiKey(project=access.project, name=name, created_by=actor.user, created_at=now)
    key.expires_at, key.service_account = expires_at, service_account
    key.created_with = actor.principal.credential_id
    key.save(force_insert=True)
    secret = new_secret(Prefix.PROJECT_KEY)
    owned_by_external = service_account is not None and service_account.counts_as_external
    reads = access.role not in EXTERNAL_ROLES and not owned_by_external
    key.add_secret(secret, actor.principal, may_read_usage=reads)
    owner = {"service_account": service_account.name} if service_account else {}
    after = {"name": name, "expires_at": format_timestamp(expires_at), **owner}
    key.record_event(actor, Action.KEY_CREATED, after=after)
    return IssuedKey(key, secret)


def require_free_name(project: Project, name: str) -> None:
    """Raises Conflict if an active key of the project has the name. The project must be locked."""
    if project.api_keys.listed().unrevoked().filter(name=name).exists():
        raise Conflict({"name": NAME_TAKEN})


def require_end(
    policy: KeyPolicy, expires_at: dt.datetime | None, *, secret_made_at: dt.datetime
) -> None:
    """Raises ValidationError at `expires` unless the policy lets a key expire then (None: never)."""
    if expires_at is None:
        if policy.end_required:
            raise ValidationError({"expires": END_REQUIRED})
        return
    if expires_at <= timezone.now():
        raise ValidationError({"expires": "That day is in the past. Choose a later day."})
    latest = policy.latest_end(secret_made_at)
    if latest and expires_at > latest:
        raise ValidationError({"expires": describe_latest_end(policy, latest)})


def describe_latest_end(policy: KeyPolicy, latest: dt.datetime) -> str:
    day = latest.astimezone(dt.UTC).date() - dt.timedelta(days=1)
    days = format_count(policy.longest_days or 0, "day")
    if day < timezone.now().date():
        return (
            f"The key policy limits secrets to {days}, and this one is older. Rotate the key first."
        )
    return f"The key policy limits secrets to {days}. Choose {day} or earlier."


@transaction.atomic
def rotate_key(
    *, actor: Actor, key: ApiKey, overlap: dt.timedelta, replaces: int | None = None
) -> IssuedKey:
    """Creates a new secret for the key; the old one works for `overlap` longer, 0 to 7 days.

    `replaces` is the key's `generation` when the form was rendered. Raises Conflict if the key was rotated
    since, or if its secret cannot be replaced now. If the key policy limits the lifetime of secrets, the
    key expires by then.
    """
    if not dt.timedelta() <= overlap <= LONGEST_OVERLAP:
        raise ValidationError({"overlap": "The old secret can keep working for 0 to 7 days."})
    access, policy = lock_to_issue(actor, key.project)
    locked = lock_key(access, key)
    require_changeable(access, locked)
    if replaces not in (None, locked.generation):
        raise Conflict(ROTATED_MEANWHILE)
    if reason := why_not_rotate(locked, policy):
        raise Conflict(reason)
    old, now, secret = locked.current_secret(), timezone.now(), new_secret(Prefix.PROJECT_KEY)
    reads = old.may_read_usage and access.role not in EXTERNAL_ROLES
    # Not beyond the expiration so far: one that is set from here on is for the new secret.
    old.end(min(filter(None, (now + overlap, locked.expires_at))))
    locked.add_secret(secret, actor.principal, may_read_usage=reads)
    hours = overlap / dt.timedelta(hours=1)
    locked.record_event(
        actor, Action.KEY_ROTATED, before={"secret": old.hint}, after={"overlap_hours": hours}
    )
    change_expiration(actor, locked, policy.limit_end(locked.expires_at, now))
    return IssuedKey(locked, secret)


def why_not_rotate(key: ApiKey, policy: KeyPolicy) -> str:
    """Returns why the key's secret cannot be replaced now and what to do, or an empty text if it can."""
    if key.why_final:
        return key.why_final
    if key.status == KeyStatus.EXPIRED:
        return f"{key.name} has expired. Set a later expiration first, or create a new key."
    if outgoing := key.outgoing_secret():
        return (
            f"{key.name} is already being rotated: its old secret {outgoing.hint} still works. "
            "Finish or undo that rotation first."
        )
    if policy.end_required and policy.limit_end(key.expires_at, timezone.now()) is None:
        return f"The key policy requires an expiration. Set one for {key.name} first."
    return ""


@transaction.atomic
def finish_rotation(*, actor: Actor, key: ApiKey) -> ApiKey:
    """Ends the old secret now. Raises Conflict if the key is not being rotated."""
    _, locked = lock_to_manage(actor, key)
    outgoing = require_rotation(locked)
    outgoing.end(timezone.now())
    locked.record_event(actor, Action.KEY_ROTATION_FINISHED, before={"secret": outgoing.hint})
    return locked


@transaction.atomic
def undo_rotation(*, actor: Actor, key: ApiKey) -> ApiKey:
    """Ends the new secret now and keeps the old one. Raises Conflict if the key is not being rotated.

    If the key policy limits the lifetime of secrets, a later expiration was for the new one: the key
    expires when its old secret has to.
    """
    access, locked = lock_to_change(actor, key)
    outgoing, newest = require_rotation(locked), locked.current_secret()
    bound = KeyPolicy.of(access.organization).latest_end(outgoing.created_at)
    assert outgoing.ends_at is not None  # else it would not be outgoing
    ends = (locked.expires_at, bound and max(bound, outgoing.ends_at))
    newest.end(timezone.now())
    outgoing.end(None)
    before, after = {"secret": newest.hint}, {"secret": outgoing.hint}
    locked.record_event(actor, Action.KEY_ROTATION_UNDONE, before=before, after=after)
    return change_expiration(actor, locked, min(filter(None, ends), default=None))


def require_rotation(key: ApiKey) -> KeySecret:
    """Returns the secret that is being replaced. Raises Conflict if the key is not being rotated."""
    if reason := why_no_rotation(key):
        raise Conflict(reason)
    outgoing: KeySecret = key.outgoing_secret()
    return outgoing


def why_no_rotation(key: ApiKey) -> str:
    """Returns why no rotation of the key can be finished or undone, or an empty text during one."""
    if key.why_final or key.outgoing_secret():
        return key.why_final
    return f"{key.name} is not being rotated, so there is no old secret."


@transaction.atomic
def set_expiration(*, actor: Actor, key: ApiKey, expires_at: dt.datetime | None) -> ApiKey:
    """Sets when the key expires (None: never). Raises ValidationError at `expires` if it may not then."""
    access, locked = lock_to_change(actor, key)
    made = locked.current_secret().created_at
    require_end(KeyPolicy.of(access.organization), expires_at, secret_made_at=made)
    return change_expiration(actor, locked, expires_at)


@transaction.atomic
def cancel_expiration(*, actor: Actor, key: ApiKey) -> ApiKey:
    """Removes the expiration. Raises Conflict if there is none or the key policy requires one."""
    access, locked = lock_to_change(actor, key)
    if reason := why_not_cancel(locked, KeyPolicy.of(access.organization)):
        raise Conflict(reason)
    return change_expiration(actor, locked, None)


def why_not_cancel(key: ApiKey, policy: KeyPolicy) -> str:
    """Returns why the key's expiration cannot be removed, or an empty text if it can."""
    if key.why_final:
        return key.why_final
    if key.expires_at is None:
        return f"{key.name} has no expiration."
    if policy.end_required:
        return "The key policy requires an expiration. Set a later one instead."
    return ""


def change_expiration(actor: Actor, key: ApiKey, expires_at: dt.datetime | None) -> ApiKey:
    before = key.expires_at
    if before == expires_at:
        return key
    key.expires_at, key.reminded_days = expires_at, None
    key.save(update_fields=["expires_at", "reminded_days"])
    key.record_event(
        actor,
        Action.KEY_EXPIRATION_CHANGED,
        before={"expires_at": format_timestamp(before)},
        after={"expires_at": format_timestamp(expires_at)},
    )
    return key


def format_timestamp(moment: dt.datetime | None) -> str | None:
    return moment.isoformat() if moment else None


@transaction.atomic
def rename_key(*, actor: Actor, key: ApiKey, name: str) -> ApiKey:
    """Renames the key. Raises Conflict if an active key of the project has the name."""
    access, locked = lock_to_change(actor, key)
    before = locked.name
    if before == name:
        return locked
    require_free_name(access.project, name)
    locked.name = name
    locked.save(update_fields=["name"])
    locked.record_event(actor, Action.KEY_RENAMED, before={"name": before}, after={"name": name})
    return locked


@transaction.atomic
def revoke_key(*, actor: Actor, key: ApiKey) -> ApiKey:
    """Revokes the key for good, from the next request on. Raises Conflict if it is revoked already."""
    _, locked = lock_to_manage(actor, key)
    locked.revoke(actor)
    notify_of_revocation(actor, [locked])
    return locked
