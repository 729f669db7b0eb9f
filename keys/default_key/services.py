"""Reveals the Organization Default Key to the Owner, and regenerates its secret."""

from django.db import transaction
from django.utils import timezone

from accounts.actors import Actor
from accounts.crypto.encryption import UndecryptableError
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.models import Organization
from accounts.outbox import notify
from accounts.permissions import Permission
from keys.api_keys.services import IssuedKey
from keys.formats import Prefix, make_hint, new_secret
from keys.models import ApiKey
from projects.access import lock_project

UNREADABLE = (
    "The secret can't be read because it was encrypted with a different ENCRYPTION_KEY. Programs that use "
    "it keep working. Regenerate the key to get a secret that you can see."
)
REGENERATED_MEANWHILE = (
    "The Default Key has been regenerated since you opened this page, so nothing was changed. Reveal it "
    "to see its current secret."
)


def lock_default_key(actor: Actor, organization: Organization) -> ApiKey:
    """Returns the organization's Default Key for its Owner, locked in the usual order."""
    default = organization.projects.default()
    access = lock_project(actor.principal, default, Permission.DEFAULT_KEY_MANAGE)
    keys = access.project.api_keys.select_related("project__organization")
    return keys.in_lock_order().default_key()


@transaction.atomic
def reveal_default_key(*, actor: Actor, organization: Organization) -> IssuedKey:
    """Returns the Default Key with its secret, to be shown once, and emails the Owner about it.

    Raises Conflict if the secret was encrypted with a different ENCRYPTION_KEY.
    """
    key = lock_default_key(actor, organization)
    try:
        secret = key.secret_text
    except UndecryptableError as error:
        raise Conflict(UNREADABLE) from error
    key.record_event(actor, Action.DEFAULT_KEY_REVEALED, after={"secret": make_hint(secret)})
    notify_owner(actor, key, "revealed")
    return IssuedKey(key, secret)


@transaction.atomic
def regenerate_default_key(
    *, actor: Actor, organization: Organization, replaces: int | None
) -> IssuedKey:
    """Replaces the secret of the Default Key; the old one is refused from the next request on.

    `replaces` is the key's generation when the form was rendered. Raises Conflict if it has changed since.
    """
    key = lock_default_key(actor, organization)
    if key.generation != replaces:
        raise Conflict(REGENERATED_MEANWHILE)
    secret = replace_secret(key, actor)
    notify_owner(actor, key, "regenerated")
    return IssuedKey(key, secret)


def replace_secret(key: ApiKey, actor: Actor) -> str:
    """Ends the Default Key's secret, creates another and returns its text. The key must be locked."""
    old, secret = key.current_secret(), new_secret(Prefix.DEFAULT_KEY)
    old.end(timezone.now())
    key.seal(secret)
    key.save(update_fields=["sealed_secret"])
    key.add_secret(secret, actor.principal, may_read_usage=True)
    key.record_event(
        actor,
        Action.DEFAULT_KEY_REGENERATED,
        before={"secret": old.hint},
        after={"secret": make_hint(secret)},
    )
    return secret


def notify_owner(actor: Actor, key: ApiKey, done: str) -> None:
    """Emails the Owner about what was done, whatever their notification settings."""
    organization = key.project.organization
    subject = f"The Default Key of {organization.name} was revealed"
    if done == "regenerated":
        subject = f"The Default Key of {organization.name} was regenerated"
    notify(
        actor.person,
        subject,
        "keys/mail/default_key.txt",
        organization=organization,
        actor=actor,
        done=done,
        at=timezone.now(),
    )
