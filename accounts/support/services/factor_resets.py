"""Resets lost second factors: requested by staff, done a day later unless the person cancels it."""

import hmac

import structlog
from django.conf import settings
from django.db import transaction
from django.db.models import Q
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
from accounts.outbox import build_notification, notify, queue
from accounts.support.services.staff import CHANGE_ORGANIZATION, MANAGE_STAFF, require_staff

log = structlog.get_logger("support")
PURPOSE = "factor reset"
NOT_ONESELF = "You can't reset your own second factors. Ask a colleague."
NONE_TO_RESET = "This person has no second factor."
IS_PENDING = "A reset is already waiting."
NOT_ACTIVE = "This account is not active."
NONE_WAITS = "No reset is waiting."
IS_OVER = "This reset is over: it was done or canceled."


@transaction.atomic
def request_factor_reset(*, actor: Actor, user: User, note: str) -> FactorReset:
    """Begins the wait for a reset, and mails the person how to cancel it.

    `note` says how support has checked who they are. Only superusers reset staff. Raises Conflict if there
    is nothing to reset or a reset is waiting.
    """
    require_reset_permission(actor, user)
    if actor.user == user:
        raise Conflict(NOT_ONESELF)
    return start_factor_reset(actor=actor, user=user, note=note)


def require_reset_permission(actor: Actor, user: User) -> None:
    """Raises PermissionDenied unless the actor may reset the second factors of `user`.

    Raises Withheld if they share an organization, as members or as collaborators.
    """
    permission = MANAGE_STAFF if user.is_staff else CHANGE_ORGANIZATION
    is_concerned = Q(memberships__user=user) | Q(projects__collaborators__user=user)
    require_staff(actor, permission, *Organization.objects.filter(is_concerned).distinct())


@transaction.atomic
def start_factor_reset(*, actor: Actor, user: User, note: str) -> FactorReset:
    """Begins the wait, for a command or for staff whose permission was checked. Raises Conflict as above."""
    person = lock_person(user)
    if not person.is_active:
        raise Conflict(NOT_ACTIVE)
    if not person.has_second_factor:
        raise Conflict(NONE_TO_RESET)
    if person.factor_resets.pending().exists():
        raise Conflict(IS_PENDING)
    now = timezone.now()
    reset = FactorReset(user=person, requested_by=actor.user, note=note)
    reset.requested_at, reset.due_at = now, now + RESET_WAIT
    reset.mail = build_notification(
        person,
        "Your second factors will be reset tomorrow",
        "accounts/mail/factor_reset_requested.txt",
        reset=reset,
        cancel_url=build_cancel_url(reset),
    )
    queue(reset.mail)
    reset.save(force_insert=True)
    record_for_user(
        actor=actor, action=Action.FACTOR_RESET_REQUESTED, user=person, after={"note": note}
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


@transaction.atomic
def cancel_reset_of_person(*, actor: Actor, user: User) -> None:
    """Cancels the waiting reset of `user` on behalf of staff. Raises Conflict if none waits."""
    require_reset_permission(actor, user)
    reset = user.factor_resets.pending().first()
    if reset is None:
        raise Conflict(NONE_WAITS)
    cancel_factor_reset(actor=actor, reset=reset)


def reset_due_factors() -> int:
    """Does the resets whose wait is over, and returns how many.

    Postpones those whose email was not sent a day ago, because the person may not know about them yet.
    """
    pks = list(FactorReset.objects.due().values_list("pk", flat=True)[:100])
    return sum(reset_factors(pk) for pk in pks)


@transaction.atomic
def reset_factors(reset_pk: int) -> bool:
    """Deletes all second factors, recovery codes and trusted browsers, and ends all sessions and terminals.

    The password stays. Returns whether the reset was still waiting, and was not postponed.
    """
    person = User.objects.select_for_update(no_key=True).get(factor_resets__pk=reset_pk)
    reset = FactorReset.objects.lock(reset_pk)
    if not reset.is_pending:
        return False
    is_first = not reset.was_postponed
    if reset.postpone():
        # It is postponed each hour until the email is sent: that is one problem, with one warning.
        warn = log.warning if is_first else log.info
        warn("reset of second factors postponed", reset=reset.public_id, until=reset.due_at)
        return False
    person.authenticator_set.all().delete()
    person.trusted_browsers.all().delete()
    person.end_sessions()
    person.terminal_sessions.all().end_for_factor_reset()
    person.device_logins.all().end_approved()
    reset.finish(FactorResetState.DONE)
    record_for_user(
        actor=Actor.without_account("console"), action=Action.FACTORS_RESET, user=person
    )
    notify(person, "Your second factors were reset", "accounts/mail/factors_reset.txt")
    return True
