"""Requests of organizations to support: sends them, with a mail to staff, and withdraws them."""

from django.contrib.auth.backends import ModelBackend
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.access.organization import lock_organization
from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action, Notification, SupportRequestKind, SupportRequestState
from accounts.errors import Conflict
from accounts.invitations.services.mailing import DAY, require_room
from accounts.models import Organization, SupportRequest, User
from accounts.outbox import notify
from accounts.permissions import Permission
from accounts.support.services.staff import CHANGE_ORGANIZATION

# Each mails support; requests that were withdrawn count too.
MOST_IN_A_DAY = 10
ANSWERED = "This request was already answered or withdrawn. Nothing was changed."


@transaction.atomic
def request_support(
    *,
    actor: Actor,
    organization: Organization,
    kind: SupportRequestKind,
    reason: str,
    requested_limit: int | None = None,
) -> SupportRequest:
    """Sends a request to support, and mails those of its staff who can answer it.

    `requested_limit` is how many projects they want to be able to have. Raises Conflict if it is no more
    than now, a request of this kind is pending, or external collaborators are enabled already; TooMany
    after `MOST_IN_A_DAY` requests of the organization.
    """
    access = lock_organization(actor.principal, organization, Permission.SUPPORT_REQUEST)
    locked = access.organization
    require_sendable(locked, kind, requested_limit)
    request = SupportRequest(
        organization=locked, kind=kind, reason=reason, requested_limit=requested_limit
    )
    request.requested_by = actor.user
    request.set_program(actor.principal)
    request.save(force_insert=True)
    number = {"requested_limit": requested_limit} if requested_limit else {}
    record(
        actor,
        Action.SUPPORT_REQUESTED,
        organization=locked,
        target=request,
        label=request.get_kind_display(),
        after={"reason": reason, **number},
    )
    notify_staff(request, locked)
    return request


def require_sendable(
    organization: Organization, kind: SupportRequestKind, requested_limit: int | None
) -> None:
    """Raises Conflict if they have what the request asks for, or one of its kind is pending; or TooMany."""
    if kind == SupportRequestKind.EXTERNALS and organization.external_collaborators_enabled:
        raise Conflict(
            "External collaborators are already enabled. Allow them in each project's settings."
        )
    if requested_limit is not None and requested_limit <= organization.project_limit:
        text = f"You can already have {organization.project_limit}. Enter a larger number."
        raise Conflict({"requested_limit": text})
    pending = organization.support_requests.filter(kind=kind, state=SupportRequestState.PENDING)
    if pending.exists():
        raise Conflict("Your last request is still pending. Support will answer by email.")
    require_room(
        organization.support_requests.filter(created_at__gt=timezone.now() - DAY),
        MOST_IN_A_DAY,
        f"{organization.name} has sent %(limit)d requests to support in the last 24 hours. "
        "Try again tomorrow.",
    )


@transaction.atomic
def withdraw_request(*, actor: Actor, request: SupportRequest) -> None:
    """Withdraws a request that waits for an answer. Raises Conflict if it no longer does."""
    access = lock_organization(actor.principal, request.organization, Permission.SUPPORT_REQUEST)
    locked = access.organization.support_requests.get(pk=request.pk)
    if not locked.is_pending:
        raise Conflict(ANSWERED)
    locked.finish(SupportRequestState.WITHDRAWN, actor.user)
    record(
        actor,
        Action.SUPPORT_WITHDRAWN,
        organization=access.organization,
        target=locked,
        label=locked.get_kind_display(),
    )


def find_answerers(organization: Organization) -> QuerySet[User]:
    """Returns staff who can answer a request of the organization: never its own people."""
    staff = ModelBackend().with_perm(CHANGE_ORGANIZATION).filter(is_staff=True)
    own = User.objects.belonging_to(organization)
    return staff.exclude(pk__in=own.values("pk")).distinct().order_by("pk")


def notify_staff(request: SupportRequest, organization: Organization) -> None:
    # The reason is quoted, line by line, because a URL on a line of its own would become a link.
    quoted = "\n".join(f"> {line}" for line in request.reason.splitlines())
    for staff in find_answerers(organization):
        notify(
            staff,
            f"{organization.name} requests: {request.get_kind_display().lower()}",
            "accounts/mail/support_request.txt",
            kind=Notification.REQUEST_WAITING,
            request=request,
            organization=organization,
            reason=quoted,
        )
