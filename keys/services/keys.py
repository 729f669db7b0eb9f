"""Makes keys and gives them other names, ends and secrets; each secret is returned once, to be shown once."""

import datetime as dt
from dataclasses import dataclass, field

from django.db import transaction
from django.http import Http404
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import Act
from accounts.errors import Conflict, Withheld
from accounts.permissions import EXTERNAL_ROLES, Permission
from keys.enums import KeyMakers
from keys.formats import Prefix, new_secret
from keys.models import ApiKey, KeyPolicy, KeySecret
from projects.access import ProjectAccess, lock_project
from projects.models import Project

LONGEST_OVERLAP = dt.timedelta(days=7)
NAME_TAKEN = "An active key of this project has that name already. Choose another."
MADE_ALREADY = (
    "This form has made its key already. Its secret was shown then and is not shown again: "
    "rotate the key if you did not store it."
)
ROTATED_MEANWHILE = (
    "This key was rotated meanwhile, perhaps by this very form. The new secret was shown then and "
    "is not shown again: undo the rotation, or finish it and rotate once more."
)


@dataclass(frozen=True)
class Issued:
    """A key and its new secret. The secret is nowhere else, and in no `repr`."""

    key: ApiKey
    secret: str = field(repr=False)


def why_not_issue(access: ProjectAccess, policy: KeyPolicy) -> str:
    """Why the caller may make no secrets here although their role lets them; empty when they may."""
    if policy.makers == KeyMakers.EVERYBODY or access.holds(Permission.API_KEYS_ISSUE_ALWAYS):
        return ""
    return (
        f"The key policy of {access.organization.name} leaves creating and rotating keys to Project "
        "Admins. Ask one of them."
    )


def lock_to_issue(actor: Actor, project: Project) -> tuple[ProjectAccess, KeyPolicy]:
    """Locks for an act that makes a secret; Withheld when the key policy keeps it from the actor."""
    access = lock_project(actor.person, project, Permission.API_KEYS_MANAGE)
    policy = KeyPolicy.objects.of(access.organization)
    if reason := why_not_issue(access, policy):
        raise Withheld(reason)
    return access, policy


def locked_key(access: ProjectAccess, key: ApiKey) -> ApiKey:
    """The project's key as it is now; Http404 when it is none of its own, Conflict when revoked."""
    keys = access.project.api_keys.listed().select_related("project__organization")
    locked = keys.in_lock_order().filter(pk=key.pk).first()
    if locked is None:
        raise Http404
    if locked.revoked_at:
        raise Conflict(f"{locked.name} is revoked. That is final: create another key.")
    return locked


@transaction.atomic
def create_key(
    *,
    actor: Actor,
    project: Project,
    name: str,
    expires_at: dt.datetime | None = None,
    form_token: str | None = None,
) -> Issued:
    """A key of the project, with its secret.

    Conflict when an active key has the name, and when the form with that `form_token` has made its
    key already. ValidationError when the end is past or the key policy does not allow it.
    """
    access, policy = lock_to_issue(actor, project)
    # Of the project, whose lock lets one form in at a time.
    token = f"{project.pk}:{form_token}" if form_token else None
    if token and access.project.api_keys.filter(form_token=token).exists():
        raise Conflict(MADE_ALREADY)
    require_free_name(access.project, name)
    now = timezone.now()
    require_end(policy, expires_at, secret_made_at=now)
    key = ApiKey(
        project=access.project,
        name=name,
        created_by=actor.user,
        created_at=now,
        expires_at=expires_at,
        form_token=token,
        may_read_usage=access.role not in EXTERNAL_ROLES,
    )
    key.save(force_insert=True)
    key.note(actor, Act.KEY_CREATED, after={"name": name, "expires_at": spoken(expires_at)})
    return Issued(key, with_secret(key, actor))


def with_secret(key: ApiKey, actor: Actor) -> str:
    """Gives the key a new current secret."""
    secret = new_secret(Prefix.PROJECT_KEY)
    key.add_secret(secret, actor.user)
    return secret


def require_free_name(project: Project, name: str) -> None:
    """Conflict when an active key of the project has the name; call with the project locked."""
    if project.api_keys.listed().unrevoked().filter(name=name).exists():
        raise Conflict({"name": NAME_TAKEN})


def require_end(
    policy: KeyPolicy, expires_at: dt.datetime | None, *, secret_made_at: dt.datetime
) -> None:
    """Conflict at `expires` unless a key may end then (None: never), as the key policy has it."""
    latest = policy.latest_end(secret_made_at)
    if expires_at is None:
        if policy.end_required:
            raise Conflict({"expires": "The key policy asks for an expiry. Choose one."})
        return
    if expires_at <= timezone.now():
        raise Conflict({"expires": "That is over already. Choose a later day."})
    if latest and expires_at > latest:
        raise Conflict(
            {
                "expires": f"The key policy lets a secret live for {policy.longest_days} days: "
                f"choose {latest - dt.timedelta(days=1):%Y-%m-%d} or earlier."
            }
        )


@transaction.atomic
def rotate_key(
    *, actor: Actor, key: ApiKey, overlap: dt.timedelta, replaces: int | None = None
) -> Issued:
    """Gives the key a new secret; the old one works for `overlap` (0 to 7 days) longer.

    `replaces` is the secret the form was made for: Conflict when it is no longer the current one,
    and while an earlier rotation runs.
    """
    access, _ = lock_to_issue(actor, key.project)
    locked = locked_key(access, key)
    old = locked.current_secret()
    if replaces is not None and old.pk != replaces:
        raise Conflict(ROTATED_MEANWHILE)
    if outgoing := locked.outgoing_secret():
        raise Conflict(
            f"{locked.name} is being rotated: its old secret {outgoing.hint} still works. "
            "Finish or undo that rotation first."
        )
    require_unexpired(locked)
    end_secret(old, timezone.now() + min(overlap, LONGEST_OVERLAP))
    secret = with_secret(locked, actor)
    hours = int(overlap.total_seconds()) // 3600
    locked.note(actor, Act.KEY_ROTATED, before={"secret": old.hint}, after={"overlap_hours": hours})
    return Issued(locked, secret)


def require_unexpired(key: ApiKey) -> None:
    if key.expires_at and key.expires_at <= timezone.now():
        raise Conflict(f"{key.name} has expired. Set a later expiration first, or create a key.")


@transaction.atomic
def finish_rotation(*, actor: Actor, key: ApiKey) -> ApiKey:
    """Ends the old secret now; Conflict when none is left of the rotation."""
    access = lock_project(actor.person, key.project, Permission.API_KEYS_MANAGE)
    locked, outgoing = locked_rotation(access, key)
    end_secret(outgoing, timezone.now())
    locked.note(actor, Act.KEY_ROTATION_FINISHED, before={"secret": outgoing.hint})
    return locked


@transaction.atomic
def undo_rotation(*, actor: Actor, key: ApiKey) -> ApiKey:
    """Ends the new secret now and keeps the old one, which must still work."""
    access = lock_project(actor.person, key.project, Permission.API_KEYS_MANAGE)
    locked, outgoing = locked_rotation(access, key)
    newest = locked.current_secret()
    end_secret(newest, timezone.now())
    outgoing.ends_at = None
    outgoing.save(update_fields=["ends_at"])
    locked.note(
        actor,
        Act.KEY_ROTATION_UNDONE,
        before={"secret": newest.hint},
        after={"secret": outgoing.hint},
    )
    return locked


def end_secret(secret: KeySecret, moment: dt.datetime) -> None:
    secret.ends_at = moment
    secret.save(update_fields=["ends_at"])


def locked_rotation(access: ProjectAccess, key: ApiKey) -> tuple[ApiKey, KeySecret]:
    """The key and its outgoing secret; Conflict when nothing is being rotated."""
    locked = locked_key(access, key)
    outgoing = locked.outgoing_secret()
    if outgoing is None:
        raise Conflict(f"{locked.name} is not being rotated: its old secret has ended already.")
    return locked, outgoing


@transaction.atomic
def set_expiration(*, actor: Actor, key: ApiKey, expires_at: dt.datetime | None) -> ApiKey:
    """Lets the key expire at that moment, or never (None), as far as the key policy allows."""
    access = lock_project(actor.person, key.project, Permission.API_KEYS_MANAGE)
    locked = locked_key(access, key)
    made = locked.current_secret().created_at
    require_end(KeyPolicy.objects.of(access.organization), expires_at, secret_made_at=made)
    before = locked.expires_at
    if before == expires_at:
        return locked
    locked.expires_at, locked.reminded_days = expires_at, None
    locked.save(update_fields=["expires_at", "reminded_days"])
    locked.note(
        actor,
        Act.KEY_EXPIRATION_CHANGED,
        before={"expires_at": spoken(before)},
        after={"expires_at": spoken(expires_at)},
    )
    return locked


def spoken(moment: dt.datetime | None) -> str | None:
    return moment.isoformat() if moment else None


@transaction.atomic
def rename_key(*, actor: Actor, key: ApiKey, name: str) -> ApiKey:
    """Another name; Conflict when an active key of the project has it."""
    access = lock_project(actor.person, key.project, Permission.API_KEYS_MANAGE)
    locked = locked_key(access, key)
    before = locked.name
    if before == name:
        return locked
    require_free_name(access.project, name)
    locked.name = name
    locked.save(update_fields=["name"])
    locked.note(actor, Act.KEY_RENAMED, before={"name": before}, after={"name": name})
    return locked


@transaction.atomic
def revoke_key(*, actor: Actor, key: ApiKey) -> ApiKey:
    """Refused from the next request on, for good; Conflict when it is revoked already."""
    access = lock_project(actor.person, key.project, Permission.API_KEYS_MANAGE)
    locked = locked_key(access, key)
    locked.revoke(actor)
    return locked
