"""What the worker would have mailed by now."""

from django.core import mail
from django.core.mail import EmailMessage

from accounts.enums import Delivery
from accounts.models import OutgoingMail
from accounts.tasks import deliver_mail


def mailed() -> list[EmailMessage]:
    """Sends what is due in the outbox; every message sent in this test so far."""
    for pk in OutgoingMail.objects.due().order_by("pk").values_list("pk", flat=True):
        deliver_mail.call(pk)
    return mail.outbox


def mailed_to(email: str) -> list[EmailMessage]:
    return [message for message in mailed() if message.to == [email]]


def deliver_notifications() -> None:
    """Marks all emails but those of invitations as sent, without sending them."""
    for message in OutgoingMail.objects.filter(invitation=None):
        message.finish(Delivery.SENT)
