"""What the worker does for this app: sends the mail that waits in the outbox."""

import structlog
from django.core.mail import send_mail
from django.db import transaction
from django.template.loader import render_to_string
from django_tasks import task

from accounts.crypto.encryption import UndecryptableError
from accounts.enums import Delivery
from accounts.models import Invitation, OutgoingMail
from accounts.models.invitation import Link

log = structlog.get_logger("mail")
OUTDATED = "no longer needed: it was answered, withdrawn or sent again"


class Outdated(Exception):
    """The invitation was answered, withdrawn or resent since the mail was queued."""


@task()
def deliver_mail(mail_pk: int) -> None:
    """Sends one mail of the outbox; what fails is tried again later, see `RETRIES`.

    At least once: a worker that dies between sending and noting it makes another send it again.
    """
    mail = OutgoingMail.objects.taken(mail_pk)
    if mail is None:
        return
    try:
        send_mail(mail.subject, render_body(mail), None, [mail.to])
    except OSError as error:  # smtplib's errors and a server that is away are all OSErrors
        handle_failure(mail, error)
    except (Outdated, UndecryptableError) as error:
        finish_mail(
            mail, Delivery.FAILED, str(error) or "ENCRYPTION_KEY is not the one it was sealed with"
        )
    except ValueError as error:  # an address or subject no message can be made of, today or later
        finish_mail(mail, Delivery.FAILED, f"{type(error).__name__}: {error}")
    else:
        finish_mail(mail, Delivery.SENT)


def render_body(mail: OutgoingMail) -> str:
    """What the mail says: its own words, or those of its invitation as it is now."""
    if mail.invitation is None:
        return mail.body
    invitation = mail.invitation
    if not invitation.is_pending or invitation.generation != mail.generation:
        raise Outdated(OUTDATED)
    context = {
        "invitation": invitation,
        "grants": invitation.project_grants.with_projects(),
        "link": invitation.url(Link.MAILED),
    }
    return render_to_string("accounts/mail/invitation.txt", context)


def handle_failure(mail: OutgoingMail, error: Exception) -> None:
    """Tries again later, or settles it after the last attempt."""
    with transaction.atomic():
        mail.postpone(f"{type(error).__name__}: {error}")
        if mail.state == Delivery.FAILED:
            update_invitation_delivery(mail)
        else:
            deliver_mail.using(run_after=mail.next_attempt_at).enqueue(mail.pk)
    log.warning(
        "mail failed", mail=mail.pk, attempt=mail.attempts, state=mail.state, error=mail.error
    )


def finish_mail(mail: OutgoingMail, state: Delivery, error: str = "") -> None:
    with transaction.atomic():
        mail.finish(state, error)
        update_invitation_delivery(mail)
    log.info("mail done", mail=mail.pk, state=state, error=error)


def update_invitation_delivery(mail: OutgoingMail) -> None:
    """The invitation's own delivery state, which its list shows; of the newest mail only."""
    if mail.invitation is not None and mail.generation is not None:
        Invitation.objects.filter(pk=mail.invitation.pk, generation=mail.generation).update(
            delivery=mail.state
        )
