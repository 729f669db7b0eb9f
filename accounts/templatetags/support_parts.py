"""Parts of pages about requests to support, for the pages from which they are sent."""

import datetime as dt
from typing import Any

from django import template
from django.utils import timezone

from accounts.access.organization import OrganizationAccess
from accounts.enums import SupportRequestState
from accounts.models import Organization

register = template.Library()
# For how long an answer stays on the page from which the request was sent.
ANSWER_STAYS = dt.timedelta(days=7)
ANSWERS = (SupportRequestState.GRANTED, SupportRequestState.DECLINED)


@register.inclusion_tag("accounts/support/_request.html")
def support_request(access: OrganizationAccess, organization: Organization, kind: str) -> Any:
    """Shows the request of this kind while it waits, then its answer for a week.

    Only people who may send requests see it.
    """
    if not access.may.support_request:
        return {}
    requests = organization.support_requests.filter(kind=kind).select_related("requested_by")
    last = requests.order_by("-created_at", "-pk").first()
    if last is None or last.is_pending:
        return {"pending": last, "organization": organization}
    since = timezone.now() - ANSWER_STAYS
    is_new = last.state in ANSWERS and last.answered_at is not None and last.answered_at > since
    return {"answered": last if is_new else None, "organization": organization}
