"""Turns kinds of email on and off."""

from django.db import transaction

from accounts.access.organization import lock_person
from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action, Notification
from accounts.models import User


@transaction.atomic
def change_notifications(*, actor: Actor, **enabled: bool) -> None:
    """Turns each kind of email on or off; the names in `enabled` are the values of `Notification`."""
    person = lock_person(actor.person)
    before = get_muted_kinds(person)
    after = {kind.value for kind in Notification if not enabled[kind.value]}
    if before == after:
        return
    person.muted_notifications.exclude(kind__in=after).delete()
    for kind in after - before:
        person.muted_notifications.create(kind=kind)
    record(
        actor,
        Action.NOTIFICATIONS_CHANGED,
        organization=None,
        target=person,
        before={"off": sorted(before)},
        after={"off": sorted(after)},
    )


@transaction.atomic
def mute_notification(*, actor: Actor, kind: Notification) -> None:
    """Turns one kind of email off; nothing if it is off."""
    muted = get_muted_kinds(actor.person)
    enabled = {other.value: other.value not in muted and other != kind for other in Notification}
    change_notifications(actor=actor, **enabled)


def get_muted_kinds(user: User) -> set[str]:
    return set(user.muted_notifications.values_list("kind", flat=True))
