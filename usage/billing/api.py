"""GET /v1/billing/usage: the bill of a month, as far as the caller may read it."""

import datetime as dt

from django.http import HttpRequest
from django.utils import timezone

from accounts.models import Organization
from accounts.permissions import Permission
from accounts.web.api.errors import refuse_access, refuse_value
from accounts.web.api.routes import api_route
from keys.callers import CALLERS, CredentialCaller
from usage.billing.bill import Bill
from usage.billing.payloads import BillPage, BillParameters

OTHER_ORGANIZATION = "This credential may not read the usage of that organization."


@api_route("GET", "Read the bill", tag="Usage", credentials=CALLERS, errors=(403,))
def usage(request: HttpRequest, caller: CredentialCaller, query: BillParameters) -> BillPage:
    """Returns the finished windows with usage of a month. A project's credential reads its own project, an
    Owner's or Admin's login the whole organization.
    """
    organization = find_organization(caller, query.organization_id)
    bill = Bill(organization, caller.project, parse_month(query.month), query.granularity)
    try:
        after = bill.parse_cursor(query.after) if query.after else None
    except ValueError as error:
        expected = "after is the next_cursor of a page of the same month and granularity."
        raise refuse_value(expected, "after") from error
    return bill.build_page(query.limit, after)


def find_organization(caller: CredentialCaller, public_id: str | None) -> Organization:
    """Returns the requested organization. Answers 403 if the caller may not read its usage."""
    organization = caller.organization or find_login_organization(caller, public_id)
    if not organization or (public_id and public_id != organization.public_id):
        raise refuse_access(OTHER_ORGANIZATION)
    if caller.organization and not caller.may_read_usage:
        raise refuse_access("This credential may not read usage.")
    return organization


def find_login_organization(caller: CredentialCaller, public_id: str | None) -> Organization | None:
    """Returns the requested or home organization of a login, if its user may read all of the bill."""
    home = caller.user and caller.user.home_organization
    requested = public_id or (home.public_id if home else "")
    return caller.find_organization(Permission.COST_ANALYTICS_SEE, requested)


def parse_month(text: str | None) -> dt.date:
    """Returns the first day of a month such as `2026-11`, by default of the current month."""
    if text is None:
        return timezone.now().date().replace(day=1)
    return dt.date.fromisoformat(f"{text}-01")
