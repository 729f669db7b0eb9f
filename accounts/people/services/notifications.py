"""Which mails people get."""

from django.db import transaction

from accounts.access.organization import lock_person
from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action, Notification
from accounts.models import User


@transaction.atomic
def change_notifications(*, actor: Actor, **wanted: bool) -> None:
    """Turns each kind of mail on or off; `wanted` has the kinds as names."""
    person = lock_person(actor.person)
    before = get_muted_kinds(person)
    after = {kind.value for kind in Notification if not wanted[kind.value]}
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


def get_muted_kinds(user: User) -> set[str]:
    return set(user.muted_notifications.values_list("kind", flat=True))
