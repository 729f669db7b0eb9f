"""Puts mail into the outbox, in the transaction of the act it tells of; the worker sends it."""

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

# A mail asked for is taken within seconds, unless whoever was to take it is gone.
AT_ONCE = 100
GRACE = dt.timedelta(minutes=2)
SUBJECT_LENGTH = 200  # the names of a project and of a person can be longer together


@transaction.atomic
def queue(mail: OutgoingMail) -> None:
    """Saves the mail and asks the worker for it."""
    mail.save(force_insert=True)
    deliver_mail.enqueue(mail.pk)


def queue_overdue() -> int:
    """Asks again for mails that are due but that nobody sent: their worker died. Gives how many."""
    overdue = OutgoingMail.objects.due().filter(next_attempt_at__lt=timezone.now() - GRACE)
    found = list(overdue.values_list("pk", flat=True)[:1000])
    for pk in found:
        deliver_mail.enqueue(pk)
    return len(found)


def queue_text(to: str, subject: str, body: str) -> None:
    """A mail that says `body`, plain text."""
    mail = OutgoingMail(to=to, subject=subject[:SUBJECT_LENGTH])
    mail.body = body
    queue(mail)


def queue_mail(to: str, subject: str, template: str, **context: Any) -> None:
    """A mail made from `template`, which also gets `base_url`."""
    queue_text(to, subject, render_mail(template, context))


def render_mail(template: str, context: dict[str, Any]) -> str:
    known = {"base_url": settings.BASE_URL}
    return render_to_string(template, {**known, **context})


def queue_mails(addresses: Iterable[str], subject: str, template: str, **context: Any) -> None:
    """The same mail to each address. The worker finds those beyond the first by itself, see `tend`."""
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
    """A mail to a person, unless they turned that `kind` off; without a kind it is always sent."""
    if not user.is_active or user.muted_notifications.filter(kind=kind or "").exists():
        return
    queue_mail(user.email, subject, template, user=user, **context)
