"""What waits for support staff today: the sections of the desk on which Django admin opens.

Each section takes at most two queries, however long the list behind it is.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Count, F, Model, Q
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Action, Delivery, PrincipalKind, SupportRequestState
from accounts.models import AuditEvent, Organization, OutgoingMail, SupportRequest
from usage.models import LineItem, ModelName, Price
from usage.models.catalogue import ANY_MODEL

ROWS_PER_SECTION = 8
# An organization is near its limit when it uses four fifths of it.
NEAR_LIMIT = 0.8
FAILED_SINCE = dt.timedelta(days=7)


@dataclass(frozen=True)
class DeskRow:
    """One line of a section: what it is, where it leads, a note and the moment it is about."""

    label: str
    url: str
    note: str = ""
    at: dt.datetime | None = None


@dataclass(frozen=True)
class DeskSection:
    """`total` counts all rows, `rows` are the first of them, `url` is the list of all if there is one."""

    title: str
    empty: str
    rows: list[DeskRow]
    total: int
    url: str = ""

    @property
    def hidden(self) -> int:
        """The number of rows that the section does not show."""
        return self.total - len(self.rows)


def build_sections() -> Iterator[DeskSection]:
    yield waiting_requests()
    yield organizations_near_limit()
    yield models_without_price()
    yield failed_emails()
    yield staff_actions_today()


def change_url(row: Model) -> str:
    """Returns the address of the row's page in Django admin."""
    return reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])


def list_url(model: type[Model], **query: object) -> str:
    address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
    return f"{address}?{urlencode(query)}" if query else address


def waiting_requests() -> DeskSection:
    """The oldest first, because they have waited longest."""
    waiting = SupportRequest.objects.filter(state=SupportRequestState.PENDING)
    oldest = waiting.select_related("organization", "requested_by").order_by("created_at", "pk")
    rows = [
        DeskRow(
            f"{request.organization.name}: {request.get_kind_display()}",
            change_url(request),
            request.requested_by.email,
            request.created_at,
        )
        for request in oldest[:ROWS_PER_SECTION]
    ]
    empty = "No requests are waiting."
    return DeskSection("Requests", empty, rows, waiting.count(), list_url(SupportRequest))


def organizations_near_limit() -> DeskSection:
    """Organizations with more than their Default Project that have used most of their project limit."""
    used = Count("projects", filter=Q(projects__archived_at=None))
    near = (
        Organization.objects.annotate(used=used)
        .filter(used__gt=1, used__gte=F("project_limit") * NEAR_LIMIT)
        .order_by(F("used") - F("project_limit"), "name", "pk")
        .values_list("pk", "name", "used", "project_limit")
    )
    page = "admin:accounts_organization_change"
    rows = [
        DeskRow(name, reverse(page, args=[pk]), f"{used} of {limit} projects")
        for pk, name, used, limit in near[:ROWS_PER_SECTION]
    ]
    empty = "No organization is near its project limit."
    return DeskSection("Organizations near their limit", empty, rows, near.count())


def models_without_price() -> DeskSection:
    """Models that were used and are billed at the price for any model."""
    priced = Price.objects.exclude(model=ANY_MODEL).values("model")
    names = ModelName.objects.exclude(name=ANY_MODEL).exclude(name__in=priced).order_by("-pk")
    rows = [
        DeskRow(name, list_url(LineItem), "billed at the price for any model")
        for name in names.values_list("name", flat=True)[:ROWS_PER_SECTION]
    ]
    empty = "Every model that was used has a price."
    return DeskSection("Models without a price", empty, rows, names.count())


def failed_emails() -> DeskSection:
    """Emails that could not be delivered within the last seven days, the newest first."""
    since = timezone.now() - FAILED_SINCE
    failed = OutgoingMail.objects.filter(state=Delivery.FAILED, done_at__gt=since)
    rows = [
        DeskRow(f"{mail.subject} to {mail.to}", change_url(mail), mail.error, mail.done_at)
        for mail in failed.order_by("-done_at", "-pk")[:ROWS_PER_SECTION]
    ]
    url = list_url(OutgoingMail, state__exact=Delivery.FAILED)
    return DeskSection("Failed emails", "No email has failed this week.", rows, failed.count(), url)


def staff_actions_today() -> DeskSection:
    """What staff did since midnight UTC, in every organization, the newest first."""
    midnight = timezone.now().replace(hour=0, minute=0, second=0, microsecond=0)
    events = AuditEvent.objects.filter(actor_kind=PrincipalKind.STAFF, at__gte=midnight)
    events = events.exclude(act__in=[Action.SIGNED_IN, Action.SIGN_IN_FAILED])
    newest = events.select_related("organization", "stored_personal_data").order_by("-at", "-pk")
    rows = [
        DeskRow(
            f"{Action(event.act).label}: {event.target_name}",
            change_url(event),
            f"{event.actor_name}, {event.organization or 'no organization'}",
            event.at,
        )
        for event in newest[:ROWS_PER_SECTION]
    ]
    empty = "Staff have not changed anything today."
    return DeskSection("Staff actions today", empty, rows, events.count(), list_url(AuditEvent))
