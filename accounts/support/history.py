"""*History* in Django admin: what the audit log has recorded about a row, by anyone and anywhere."""

from typing import Any, cast

from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.core.paginator import Paginator
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse

from accounts.models import AuditEvent, Membership, Organization, ViewAs

EVENTS_PER_PAGE = 100


class AuditHistory:
    """Django's own history has only changes made in Django admin; this one replaces it."""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        page = cast("admin.ModelAdmin[Any]", self)
        row = page.get_object(request, unquote(object_id))
        events = find_events(row) if row else AuditEvent.objects.none()
        number = request.GET.get("p", "")
        context = {"events": Paginator(events, EVENTS_PER_PAGE).get_page(number)}
        return admin.ModelAdmin.history_view(
            page, request, object_id, {**context, **(extra_context or {})}
        )


def find_events(row: Model) -> QuerySet[AuditEvent]:
    """Returns the events about the row, the newest first; of an organization all in its audit log."""
    events = AuditEvent.objects.with_personal_data().select_related("organization")
    if isinstance(row, Organization):
        return events.filter(chain__organization=row).order_by("-sequence")
    organization = getattr(row, "organization", None)
    if organization is not None:
        events = events.filter(chain__organization=organization)
    target_id = find_target_id(row)
    if not target_id:
        return events.none()
    return events.filter(target_id=target_id).order_by("-at", "-pk")


def find_target_id(row: Model) -> str:
    """Returns the id under which events about the row are recorded; empty if there are none."""
    if isinstance(row, Membership | ViewAs):
        return row.user.public_id
    # Such as the invitation of an email, or the API key of a leak report.
    target = getattr(row, "history_target", row)
    if not hasattr(target, "public_id"):
        target = getattr(target, "organization", None)
    return getattr(target, "public_id", "")
