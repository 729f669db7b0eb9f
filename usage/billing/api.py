"""GET /v1/billing/usage: the bill of a month, as far as the caller may read it."""

import datetime as dt
import re

from django.http import HttpRequest, JsonResponse
from django.utils import timezone

from accounts.fields import ID_LENGTH
from accounts.models import Organization
from accounts.permissions import Permission
from keys.callers import Caller, api_route, forbidden, invalid, limit_in
from usage.billing.bill import Bill
from usage.enums import Granularity

MOST, USUAL = 1_000, 100  # windows in a page
ORGANIZATION = re.compile(rf"org_[0-9A-Za-z]{{{ID_LENGTH}}}", re.ASCII)
MONTH = re.compile(r"2[01][0-9]{2}-(0[1-9]|1[0-2])", re.ASCII)
NOT_YOURS = "This credential may not read the usage of that organization."


@api_route()
def usage(request: HttpRequest, caller: Caller) -> JsonResponse:
    """A project credential reads its own project; an Owner's or Admin's login, or token for the
    organization, all of that."""
    organization = readable(caller, request.GET.get("organization_id"))
    bill = Bill(organization, caller.project, month_in(request), granularity_in(request))
    after = request.GET.get("after")
    try:
        position = bill.position(after) if after else None
    except ValueError as error:
        told = "after is the next_cursor of a page of the same month and granularity."
        raise invalid(told, "after") from error
    return JsonResponse(bill.page(limit_in(request, most=MOST, usual=USUAL), position))


def readable(caller: Caller, named: str | None) -> Organization:
    """The organization whose usage is asked for; refused with 403 when the caller may not read it."""
    if named is not None and not ORGANIZATION.fullmatch(named):
        raise invalid("organization_id is an id such as org_….", "organization_id", status=400)
    found = caller.organization or of_login(caller, named)
    if not found or (named and named != found.public_id):
        raise forbidden(NOT_YOURS)
    if caller.organization and not caller.may_read_usage:
        raise forbidden("This credential may not read usage.")
    return found


def of_login(caller: Caller, named: str | None) -> Organization | None:
    """For a login: the organization it names, or its home, where its person may read all of the bill."""
    own = caller.user and caller.user.home_organization
    wanted = named or (own.public_id if own else "")
    return caller.organization_with(Permission.COST_ANALYTICS_SEE, wanted)


def month_in(request: HttpRequest) -> dt.date:
    text = request.GET.get("month")
    if text is None:
        return timezone.now().date().replace(day=1)
    if not MONTH.fullmatch(text):
        raise invalid("month is a month such as 2026-11.", "month")
    return dt.date.fromisoformat(f"{text}-01")


def granularity_in(request: HttpRequest) -> Granularity:
    text = request.GET.get("granularity", Granularity.DAY.value)
    if text not in Granularity.values:
        raise invalid("granularity is day or hour.", "granularity")
    return Granularity(text)
