"""Queues email in the transaction of the action it is about; the worker sends it."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.enums import Notification
from accounts.models import OutgoingMail, User
from accounts.tasks import deliver_mail

# How many of the same email get a task at once.
AT_ONCE = 100
# A queued email is sent within seconds; one still waiting after this has lost its worker.
GRACE = dt.timedelta(minutes=2)
SUBJECT_LENGTH = 200  # the names of a project and of a person can be longer together


@transaction.atomic
def queue(mail: OutgoingMail) -> None:
    """Saves the email and queues its delivery."""
    mail.save(force_insert=True)
    deliver_mail.enqueue(mail.pk)


def queue_overdue() -> int:
    """Queues overdue emails again, whose worker died. Returns how many."""
    overdue = OutgoingMail.objects.due().filter(next_attempt_at__lt=timezone.now() - GRACE)
    mail_pks = list(overdue.values_list("pk", flat=True)[:1000])
    for pk in mail_pks:
        deliver_mail.enqueue(pk)
    return len(mail_pks)


def queue_text(to: str, subject: str, body: str, **fields: Any) -> None:
    """Queues an email with the plain text `body`; `fields` are further fields of its row."""
    mail = OutgoingMail(to=to, subject=subject[:SUBJECT_LENGTH], **fields)
    mail.body = body
    queue(mail)


def queue_mail(to: str, subject: str, template: str, **context: Any) -> None:
    """Queues an email whose body is made from `template`, which also gets `base_url`."""
    queue_text(to, subject, render_mail(template, context))


def render_mail(template: str, context: dict[str, Any]) -> str:
    return render_to_string(template, {"base_url": settings.BASE_URL, **context})


def queue_mails(addresses: Iterable[str], subject: str, template: str, **context: Any) -> None:
    """Queues the same email to each address.

    Only the first `AT_ONCE` get a task each; `tend` picks up the others.
    """
    text = render_mail(template, context)
    mails = [OutgoingMail(to=address, subject=subject[:SUBJECT_LENGTH]) for address in addresses]
    for mail in mails:
        mail.body = text
        mail.next_attempt_at -= GRACE
    for mail in OutgoingMail.objects.bulk_create(mails)[:AT_ONCE]:
        deliver_mail.enqueue(mail.pk)


def notify(
    user: User, subject: str, template: str, *, kind: Notification | None = None, **context: Any
) -> None:
    """Queues an email to a user unless they turned off its `kind`; without a kind it is always sent."""
    if not user.is_active or user.muted_notifications.filter(kind=kind or "").exists():
        return
    body = render_mail(template, {"user": user, **context})
    queue_text(user.email, subject, body, recipient=user if kind else None, kind=kind or "")
