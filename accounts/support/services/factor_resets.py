"""Resets lost second factors: requested by staff, done a day later unless the person cancels it."""

import hmac

from django.conf import settings
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.access.organization import lock_person
from accounts.actors import Actor
from accounts.audit.personal import record_for_user
from accounts.crypto.tokens import compute_mac, compute_macs
from accounts.enums import Action, FactorResetState
from accounts.errors import Conflict
from accounts.models import FactorReset, Organization, User
from accounts.models.factor_reset import RESET_WAIT
from accounts.outbox import notify
from accounts.support.services.staff import CHANGE_ORGANIZATION, MANAGE_STAFF, require_staff

PURPOSE = "factor reset"
NOT_ONESELF = "You can't reset your own second factors. Ask a colleague."
NONE_TO_RESET = "This person has no second factor."
IS_PENDING = "A reset is already waiting."
IS_OVER = "This reset is over: it was done or canceled."


@transaction.atomic
def request_factor_reset(*, actor: Actor, user: User, note: str) -> FactorReset:
    """Begins the wait for a reset, and mails the person how to cancel it.

    `note` says how support has checked who they are. Only superusers reset staff. Raises Conflict if there
    is nothing to reset or a reset is waiting.
    """
    permission = MANAGE_STAFF if user.is_staff else CHANGE_ORGANIZATION
    require_staff(actor, permission, *Organization.objects.filter(memberships__user=user))
    if actor.user == user:
        raise Conflict(NOT_ONESELF)
    return start_factor_reset(actor=actor, user=user, note=note)


@transaction.atomic
def start_factor_reset(*, actor: Actor, user: User, note: str) -> FactorReset:
    """Begins the wait, for a command or for staff whose permission was checked. Raises Conflict as above."""
    person = lock_person(user)
    if not person.has_second_factor:
        raise Conflict(NONE_TO_RESET)
    if person.factor_resets.pending().exists():
        raise Conflict(IS_PENDING)
    now = timezone.now()
    reset = person.factor_resets.create(
        requested_by=actor.user, note=note, requested_at=now, due_at=now + RESET_WAIT
    )
    record_for_user(
        actor=actor, action=Action.FACTOR_RESET_REQUESTED, user=person, after={"note": note}
    )
    notify(
        person,
        "Your second factors will be reset tomorrow",
        "accounts/mail/factor_reset_requested.txt",
        reset=reset,
        cancel_url=build_cancel_url(reset),
    )
    return reset


def build_cancel_url(reset: FactorReset) -> str:
    """Returns the URL with which the person cancels the reset without signing in."""
    mac = compute_mac(PURPOSE, reset.public_id)
    return settings.BASE_URL + reverse("factor_reset_cancel", args=[reset.public_id, mac])


def find_reset(reference: str, mac: str) -> FactorReset | None:
    """Returns the reset of a mailed link, under any pepper; None for a link that is not ours."""
    own = compute_macs(PURPOSE, reference)
    if not any(hmac.compare_digest(mac, text) for text in own):
        return None
    return FactorReset.objects.select_related("user").filter(public_id=reference).first()


@transaction.atomic
def cancel_factor_reset(*, actor: Actor, reset: FactorReset) -> None:
    """Cancels a waiting reset. Raises Conflict if it is over."""
    person = lock_person(reset.user)
    locked = FactorReset.objects.lock(reset.pk)
    if not locked.is_pending:
        raise Conflict(IS_OVER)
    locked.finish(FactorResetState.CANCELED)
    record_for_user(actor=actor, action=Action.FACTOR_RESET_CANCELED, user=person)
    notify(
        person,
        "The reset of your second factors was canceled",
        "accounts/mail/factor_reset_canceled.txt",
    )


def reset_due_factors() -> int:
    """Does the resets whose wait is over, and returns how many."""
    pks = list(FactorReset.objects.due().values_list("pk", flat=True)[:100])
    return sum(reset_factors(pk) for pk in pks)


@transaction.atomic
def reset_factors(reset_pk: int) -> bool:
    """Deletes all second factors, recovery codes and trusted browsers, and ends all sessions.

    The password stays. Returns whether the reset was still waiting.
    """
    person = User.objects.select_for_update(no_key=True).get(factor_resets__pk=reset_pk)
    reset = FactorReset.objects.lock(reset_pk)
    if not reset.is_pending:
        return False
    person.authenticator_set.all().delete()
    person.trusted_browsers.all().delete()
    person.sessions.all().end()
    reset.finish(FactorResetState.DONE)
    record_for_user(
        actor=Actor.without_account("console"), action=Action.FACTORS_RESET, user=person
    )
    notify(person, "Your second factors were reset", "accounts/mail/factors_reset.txt")
    return True
