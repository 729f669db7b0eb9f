"""Tasks of the worker: sends email from the outbox."""

from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.mail import EmailMessage
from django.db import transaction
from django.template.loader import render_to_string
from django_tasks import task

from accounts.crypto.encryption import UndecryptableError
from accounts.enums import Delivery, Notification
from accounts.models import Invitation, OutgoingMail
from accounts.models.invitation import Link
from accounts.unsubscribe import build_unsubscribe_url
from accounts.web.mail_text import defuse_links

log = structlog.get_logger("mail")
OUTDATED = "no longer needed: the invitation was answered, withdrawn or resent"


class Outdated(Exception):
    """The invitation was answered, withdrawn or resent since the email was queued."""


@task()
def deliver_mail(mail_pk: int) -> None:
    """Sends one email of the outbox; failures are tried again later, see `RETRIES`.

    Delivery is at least once: if the worker dies after sending, another worker sends the email again.
    """
    mail = OutgoingMail.objects.claim(mail_pk)
    if mail is None:
        return
    try:
        build_message(mail).send()
    except OSError as error:  # smtplib's errors and connection failures are OSErrors
        handle_failure(mail, error)
    except (Outdated, UndecryptableError) as error:
        finish_mail(mail, Delivery.FAILED, str(error) or "encrypted with another ENCRYPTION_KEY")
    except ValueError as error:  # no message can be made of the address or subject
        finish_mail(mail, Delivery.FAILED, f"{type(error).__name__}: {error}")
    else:
        finish_mail(mail, Delivery.SENT)


def build_message(mail: OutgoingMail) -> EmailMessage:
    """Returns the message; a later attempt has the same `Message-ID`, so that mail programs show one."""
    host = urlsplit(settings.BASE_URL).hostname
    headers = {
        "Auto-Submitted": "auto-generated",  # RFC 3834: no out-of-office replies
        "Message-ID": f"<{mail.pk}.{mail.created_at:%Y%m%d%H%M%S}@{host}>",
    }
    unsubscribe_url = build_unsubscribe_url(mail.recipient, mail.kind) if mail.recipient else ""
    if unsubscribe_url:
        headers |= {
            "List-Unsubscribe": f"<{unsubscribe_url}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    body = defuse_links(render_body(mail)) + render_footer(mail, unsubscribe_url)
    return EmailMessage(defuse_links(mail.subject), body, None, [mail.to], headers=headers)


def render_footer(mail: OutgoingMail, unsubscribe_url: str) -> str:
    """Returns the end of every email: how to reach the operator, and how to turn off its kind, if any."""
    kind = Notification(mail.kind).label if unsubscribe_url else ""
    context = {
        "contact": settings.SUPPORT_CONTACT,
        "kind": kind,
        "unsubscribe_url": unsubscribe_url,
    }
    return render_to_string("accounts/mail/footer.txt", context)


def render_body(mail: OutgoingMail) -> str:
    """Returns the body: the stored one, or that of the invitation as it is now."""
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
    """Schedules another attempt, or gives up after the last one."""
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
    """Sets the delivery state of the invitation, if this is its newest email."""
    if mail.invitation is not None and mail.generation is not None:
        Invitation.objects.filter(pk=mail.invitation.pk, generation=mail.generation).update(
            delivery=mail.state
        )
