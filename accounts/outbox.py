"""Queues email in the transaction of the action it is about; the worker sends it."""

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.db import transaction
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.actors import Actor
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


def erase_failed_bodies() -> int:
    """Deletes the bodies of emails that failed days ago, which can't be sent again. Returns how many."""
    return OutgoingMail.objects.erase_failed_bodies()


def queue_text(to: str, subject: str, body: str, **fields: Any) -> None:
    """Queues an email with the plain text `body`; `fields` are further fields of its row."""
    queue(build_mail(to, subject, body, **fields))


def queue_mail(to: str, subject: str, template: str, **context: Any) -> None:
    """Queues an email whose body is made from `template`, which also gets `base_url`."""
    queue_text(to, subject, render_mail(template, context))


def render_mail(template: str, context: dict[str, Any]) -> str:
    return render_to_string(template, {"base_url": settings.BASE_URL, **context})


def queue_mails(addresses: Iterable[str], subject: str, template: str, **context: Any) -> None:
    """Queues the same email to each address."""
    text = render_mail(template, context)
    queue_all([build_mail(address, subject, text) for address in addresses])


def queue_all(mails: Iterable[OutgoingMail]) -> None:
    """Saves the emails. Only the first `AT_ONCE` get a task each; `tend` picks up the others."""
    mails = list(mails)
    for mail in mails:
        mail.next_attempt_at -= GRACE
    for mail in OutgoingMail.objects.bulk_create(mails)[:AT_ONCE]:
        deliver_mail.enqueue(mail.pk)


def build_mail(to: str, subject: str, body: str, **fields: Any) -> OutgoingMail:
    """Returns an unsaved email with a plain text; `fields` are further fields of its row."""
    mail = OutgoingMail(to=to, subject=subject[:SUBJECT_LENGTH], **fields)
    mail.body = body
    return mail


def notify(
    user: User, subject: str, template: str, *, kind: Notification | None = None, **context: Any
) -> None:
    """Queues an email to a user unless they turned off its `kind`; without a kind it is always sent."""
    if not user.is_active or user.muted_notifications.filter(kind=kind or "").exists():
        return
    queue(build_notification(user, subject, template, kind=kind, **context))


def notify_of_action(actor: Actor, user: User, subject: str, template: str, **given: Any) -> None:
    """Queues an email, as `notify` does, about what `actor` did; nothing if the user did it themselves."""
    if user != actor.user:
        notify(user, subject, template, actor=actor, **given)


def build_notification(
    user: User, subject: str, template: str, *, kind: Notification | None = None, **context: Any
) -> OutgoingMail:
    """Returns an unsaved email to a user, with a link to turn off its `kind`, if any."""
    body = render_mail(template, {"user": user, **context})
    return build_mail(user.email, subject, body, recipient=user if kind else None, kind=kind or "")
