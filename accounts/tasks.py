"""What the worker does for this app: sends the mail of invitations."""

import structlog
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django_tasks import task

from accounts.enums import Delivery
from accounts.models import Invitation
from accounts.models.invitation import Link

log = structlog.get_logger("mail")


@task()
def send_invitation_mail(invitation_pk: int, generation: int) -> None:
    """Mails the invitation unless it was answered, withdrawn or resent meanwhile."""
    current = Invitation.objects.pending().filter(pk=invitation_pk, generation=generation)
    invitation = current.select_related("organization", "invited_by").first()
    if invitation is None:
        return
    context = {
        "invitation": invitation,
        "grants": invitation.project_grants.with_projects(),
        "link": invitation.url(Link.MAILED),
    }
    try:
        send_mail(
            subject=f"Invitation to {invitation.organization.name}",
            message=render_to_string("accounts/mail/invitation.txt", context),
            from_email=None,
            recipient_list=[invitation.email],
        )
    except OSError as error:  # smtplib's errors and a server that is away are all OSErrors
        current.update(delivery=Delivery.FAILED)
        log.warning("invitation mail failed", invitation=invitation.public_id, error=str(error))
        return
    current.update(delivery=Delivery.SENT)
    log.info("invitation mail sent", invitation=invitation.public_id)
