"""Turns kinds of email on and off."""

from django.db import transaction

from accounts.access.organization import lock_person
from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import STAFF_NOTIFICATIONS, Action, Notification
from accounts.models import User


@transaction.atomic
def change_notifications(*, actor: Actor, **enabled: bool) -> None:
    """Turns kinds of email on or off; the names in `enabled` are values of `Notification`, others stay."""
    person = lock_person(actor.person)
    before = get_muted_kinds(person)
    after = {kind for kind in Notification.values if not enabled.get(kind, kind not in before)}
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
    change_notifications(actor=actor, **{kind.value: False})


def get_muted_kinds(user: User) -> set[str]:
    return set(user.muted_notifications.values_list("kind", flat=True))


def list_kinds(user: User) -> list[Notification]:
    """Returns the kinds of email that the user can get."""
    return [kind for kind in Notification if user.is_staff or kind not in STAFF_NOTIFICATIONS]
