"""What waits for support staff: the sections of the desk on which Django admin opens.

Each section takes at most two queries, however long the list behind it is.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Count, Exists, F, OuterRef, Q
from django.urls import reverse
from django.utils import timezone

from accounts.email_addresses import format_email
from accounts.enums import Action, Delivery, PrincipalKind, SupportRequestState
from accounts.models import (
    AuditEvent,
    Membership,
    Organization,
    OutgoingMail,
    SupportRequest,
    User,
)
from accounts.support.services.mail import RESEND_MAIL, can_be_resent
from accounts.support.services.staff import CHANGE_ORGANIZATION
from accounts.web.formatting import format_count, format_minutes, format_moment
from console.desk.rows import DeskRow, DeskSection, change_url, list_url
from projects.models import Collaborator
from usage.catalogue.services.prices import ADD_PRICE
from usage.models import LineItem, ModelName, Price
from usage.models.catalogue import ANY_MODEL, fold_model_column

ROWS_PER_SECTION = 8
# An organization is near its limit when it uses four fifths of it.
NEAR_LIMIT = 0.8
FAILED_SINCE = dt.timedelta(days=7)
LONG_WAIT = dt.timedelta(days=1)
COLLEAGUE = "Your organization: ask a colleague"


def build_sections(staff: User) -> Iterator[DeskSection]:
    """Yields what needs an act, the most urgent first."""
    yield build_requests(staff)
    yield build_near_limits(staff)
    yield build_models_without_price(staff)
    yield build_failed_emails(staff)


def is_own(staff: User, organization: str) -> Q:
    """Returns whether staff belong to the organization that the field `organization` names."""
    outer = OuterRef(organization)
    member = Membership.objects.filter(user=staff, organization=outer)
    listed = Collaborator.objects.filter(user=staff, project__organization=outer)
    return Q(Exists(member)) | Q(Exists(listed))


def build_requests(staff: User) -> DeskSection:
    """The oldest first, because they have waited longest."""
    waiting = SupportRequest.objects.filter(state=SupportRequestState.PENDING)
    used = Count(
        "organization__projects", filter=Q(organization__projects__archived_at=None), distinct=True
    )
    oldest = (
        waiting.select_related("organization", "requested_by")
        .annotate(own=is_own(staff, "organization"), used=used)
        .order_by("created_at", "pk")
    )
    may_answer = staff.has_perm(CHANGE_ORGANIZATION)
    rows = [build_request(request, may_answer) for request in oldest[:ROWS_PER_SECTION]]
    return DeskSection(
        "Waiting requests",
        "No requests are waiting.",
        rows,
        waiting.count(),
        list_url(SupportRequest),
        "All requests",
        ("Request", "Asked by", "Waiting"),
    )


def build_request(request: SupportRequest, may_answer: bool) -> DeskRow:  # noqa: FBT001
    waited = timezone.now() - request.created_at
    organization, used = request.organization, getattr(request, "used", 0)
    note = f"“{request.reason[:80]}{'…' if len(request.reason) > 80 else ''}”"
    if request.requested_limit:
        note = f"wants {request.requested_limit}, has {used} of {organization.project_limit}"
    url = change_url(request)
    own = getattr(request, "own", False)
    return DeskRow(
        label=f"{organization.name}: {request.get_kind_display().lower()}",
        url=url,
        note=note,
        second=format_email(request.requested_by.email)
        if request.requested_by
        else request.program_name,
        third=format_minutes(max(int(waited.total_seconds()) // 60, 1)),
        tone="warn" if waited > LONG_WAIT else "",
        button="Answer" if may_answer and not own else "",
        button_url=url,
        instead=COLLEAGUE if own else "",
    )


def build_near_limits(staff: User) -> DeskSection:
    """Organizations with more than their Default Project that have used most of their project limit."""
    used = Count("projects", filter=Q(projects__archived_at=None), distinct=True)
    near = (
        Organization.objects.annotate(used=used)
        .filter(used__gt=1, used__gte=F("project_limit") * NEAR_LIMIT)
        .order_by(F("used") - F("project_limit"), "name", "pk")
    )
    may_raise = staff.has_perm(CHANGE_ORGANIZATION)
    page = "admin:accounts_organization_change"
    rows = []
    first = near.annotate(own=is_own(staff, "pk"))[:ROWS_PER_SECTION]
    for pk, name, count, limit, own in first.values_list(
        "pk", "name", "used", "project_limit", "own"
    ):
        url = reverse(page, args=[pk])
        rows.append(
            DeskRow(
                label=name,
                url=url,
                second="Projects",
                third=f"{count} of {limit}",
                tone="bad" if count >= limit else "",
                button="Raise" if may_raise and not own else "",
                button_url=f"{url}#id_project_limit",
                instead=COLLEAGUE if own else "",
            )
        )
    return DeskSection(
        "Near a limit",
        "No organization is near its project limit.",
        rows,
        near.count(),
        list_url(Organization),
        "All organizations",
        ("Organization", "Limit", "In use"),
    )


def build_models_without_price(staff: User) -> DeskSection:
    """Models that were used and are billed at the price for any model, the newest first."""
    priced = Price.objects.visible_to(None).exclude(model=ANY_MODEL)
    folded = priced.values(folded_name=fold_model_column("model"))
    # Names that count as others take their prices.
    names = ModelName.objects.filter(canonical=None).exclude(name=ANY_MODEL)
    names = names.alias(folded_name=fold_model_column("name"))
    names = names.exclude(folded_name__in=folded).order_by("-pk")
    page = reverse("admin:usage_price_create") if staff.has_perm(ADD_PRICE) else ""
    rows = [
        DeskRow(
            label=name,
            url=list_url(LineItem),
            second="at the price for any model",
            button="Set price" if page else "",
            button_url=f"{page}?{urlencode({'model': name})}",
        )
        for name in names.values_list("name", flat=True)[:ROWS_PER_SECTION]
    ]
    return DeskSection(
        "Models without a price",
        "Every model that was used has a price.",
        rows,
        names.count(),
        reverse("admin:usage_modelalias_unpriced"),
        "What they cost",
        ("Model", "Billed", ""),
    )


def build_failed_emails(staff: User) -> DeskSection:
    """Emails that could not be delivered within the last seven days, the newest first."""
    now = timezone.now()
    failed = OutgoingMail.objects.filter(state=Delivery.FAILED, done_at__gt=now - FAILED_SINCE)
    may_resend = staff.has_perm(RESEND_MAIL)
    rows = [
        DeskRow(
            label=mail.subject,
            url=change_url(mail),
            note=mail.error,
            second=format_email(mail.to),
            third=format_moment(mail.done_at, now) if mail.done_at else "",
            button="Send again" if may_resend and can_be_resent(mail) else "",
            button_url=reverse("admin:accounts_outgoingmail_resend", args=[mail.pk]),
        )
        for mail in failed.with_invitations().order_by("-done_at", "-pk")[:ROWS_PER_SECTION]
    ]
    return DeskSection(
        "Failed emails",
        "No email has failed this week.",
        rows,
        failed.count(),
        list_url(OutgoingMail, state__exact=Delivery.FAILED),
        "All failed emails",
        ("Email", "To", "Failed"),
    )


@dataclass(frozen=True)
class StaffEvent:
    """What a colleague, or the reader (`is_own`), did today."""

    at: dt.datetime
    who: str
    what: str
    target: str
    organization: str
    url: str


@dataclass(frozen=True)
class StaffEvents:
    rows: list[StaffEvent]
    total: int
    url: str

    @property
    def hidden(self) -> str:
        """Returns how many are not shown, with their noun; empty if all are."""
        count = self.total - len(self.rows)
        return format_count(count, "event") if count else ""


def list_staff_events(staff: User) -> StaffEvents:
    """Returns what staff did since midnight UTC, in every organization, the newest first."""
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    events = AuditEvent.objects.filter(actor_kind=PrincipalKind.STAFF, at__gte=midnight)
    events = events.exclude(act__in=[Action.SIGNED_IN, Action.SIGN_IN_FAILED])
    newest = events.select_related("organization", "stored_personal_data", "actor")
    rows = [
        StaffEvent(
            at=event.at,
            who=describe_actor(event, staff),
            what=Action(event.act).label,
            target=format_email(event.target_name),
            organization=event.organization.name if event.organization else "",
            url=change_url(event),
        )
        for event in newest.order_by("-at", "-pk")[:ROWS_PER_SECTION]
    ]
    return StaffEvents(rows, events.count(), list_url(AuditEvent))


def describe_actor(event: AuditEvent, staff: User) -> str:
    if event.actor == staff:
        return "You"
    return event.actor.name if event.actor else event.actor_name
