"""Sends an email again that could not be delivered."""

from django.db import transaction

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action, Delivery
from accounts.errors import Conflict
from accounts.models import OutgoingMail
from accounts.support.services.staff import require_staff
from accounts.tasks import deliver_mail, update_invitation_delivery

RESEND_MAIL = "accounts.change_outgoingmail"
NOT_FAILED = "This email has not failed, or is already being sent again. Nothing was changed."
NO_BODY = "The text of this email is no longer stored. Ask the person to repeat what sent it."


def can_be_resent(mail: OutgoingMail) -> bool:
    """Returns whether a failed email still has a text: its own, or that of an invitation that is open."""
    if mail.state != Delivery.FAILED:
        return False
    if mail.invitation is None:
        return bool(mail.sealed_body)
    return mail.invitation.is_pending and mail.invitation.generation == mail.generation


@transaction.atomic
def resend_mail(*, actor: Actor, mail: OutgoingMail) -> None:
    """Queues a failed email anew, with all its retries.

    Raises Conflict if it has not failed, or its text is not stored anymore.
    """
    invitation = mail.invitation
    organization = invitation.organization if invitation else None
    require_staff(actor, RESEND_MAIL, *([organization] if organization else []))
    locked = OutgoingMail.objects.select_for_update(of=("self",)).with_invitations().get(pk=mail.pk)
    if locked.state != Delivery.FAILED:
        raise Conflict(NOT_FAILED)
    if not can_be_resent(locked):
        raise Conflict(NO_BODY)
    locked.queue_again()
    update_invitation_delivery(locked)
    record(
        actor,
        Action.EMAIL_RESENT,
        organization=organization,
        target=locked.history_target,
        label=f"{locked.subject} to {locked.to}",
    )
    deliver_mail.enqueue(locked.pk)
