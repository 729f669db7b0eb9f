"""From the parameters of a request for costs or usage to the report of its buckets, and to the answer."""

import datetime as dt
from collections.abc import Callable

from django.db.models import Q
from django.utils import timezone

from accounts.access.organization import OrganizationAccess
from accounts.models import Organization, User
from accounts.web.api.callers import Caller
from accounts.web.api.errors import refuse_value
from accounts.web.cursors import decode_cursor, encode_cursor
from keys.models import ApiKey
from projects.models import ServiceAccount
from usage.buckets.parameters import BucketParameters
from usage.buckets.payloads import Bucket, BucketPage, Result
from usage.buckets.sums import BucketReport, BucketWidth, Group, Sums, SumsPage
from usage.enums import Dimension
from usage.reports.scope import UsageScope, build_condition

NO_TIME_LEFT = "end_time is after start_time."
NOT_A_PAGE = "page is the next_page of a page with the same parameters."


def build_report(
    caller: Caller, query: BucketParameters, groups: set[Group], condition: Q
) -> BucketReport:
    """Returns the report that the query asks for, of what meets the condition.

    Raises Refused with 422 if the end is not after the start, or the page is not one of these.
    """
    assert isinstance(caller.access, OrganizationAccess)
    start, end = find_range(query)
    if query.page is not None:
        start = read_page_start(query.page, query.bucket_width, start, end)
    return BucketReport(
        scope=UsageScope.of(caller.access),
        width=query.bucket_width,
        start=start,
        end=end,
        groups=frozenset(groups),
        condition=condition & build_conditions(caller.access.organization, query),
    )


def find_range(query: BucketParameters) -> tuple[dt.datetime, dt.datetime]:
    """Returns the first moment of the first bucket, and of the one after the last.

    There is no usage after now: with a later end or without one the last bucket is the current one.
    """
    width = query.bucket_width
    now = timezone.now()
    start = dt.datetime.fromtimestamp(query.start_time, dt.UTC)
    end = dt.datetime.fromtimestamp(query.end_time, dt.UTC) if query.end_time is not None else now
    if query.end_time is not None and end <= start:
        raise refuse_value(NO_TIME_LEFT, "end_time")
    first, last = width.find_bucket(start), width.find_bucket(min(end, now))
    if last < min(end, now):
        last += width.duration
    return first, max(first, last)


def read_page_start(
    page: str, width: BucketWidth, first: dt.datetime, end: dt.datetime
) -> dt.datetime:
    """Returns where a page begins. Raises Refused with 422 if it is not between these times."""
    try:
        page_width, seconds = decode_cursor(page)
        start = dt.datetime.fromtimestamp(seconds, dt.UTC)
    except (ValueError, TypeError, OverflowError) as error:
        raise refuse_value(NOT_A_PAGE, "page") from error
    if page_width != width or not first < start < end:
        raise refuse_value(NOT_A_PAGE, "page")
    return start


def make_page(width: BucketWidth, start: dt.datetime) -> str:
    """Returns what `read_page_start` reads."""
    return encode_cursor(width, int(start.timestamp()))


def build_conditions(organization: Organization, query: BucketParameters) -> Q:
    """Returns the condition of what is filtered. Ids that are not the organization's match nothing."""
    condition = Q()
    if query.project_ids:
        projects = organization.projects.filter(public_id__in=query.project_ids)
        condition &= Q(project__in=list(projects.values_list("pk", flat=True)))
    if query.api_key_ids:
        keys = ApiKey.objects.in_organization(organization).filter(public_id__in=query.api_key_ids)
        condition &= Q(api_key_id__in=list(keys.values_list("pk", flat=True)))
    if query.user_ids:
        people = User.objects.filter(public_id__in=query.user_ids).values_list("pk", flat=True)
        accounts = ServiceAccount.objects.filter(public_id__in=query.user_ids)
        ids = [*people, *(-pk for pk in accounts.values_list("pk", flat=True))]
        condition &= build_condition(Dimension.COLLABORATOR, ids, organization)
    return condition


def read_page(report: BucketReport, limit: int | None, *, default: int, most: int) -> SumsPage:
    """Returns a page of `limit` buckets. Raises Refused with 422 if that is not 1 to `most`."""
    limit = default if limit is None else limit
    if not 1 <= limit <= most:
        raise refuse_value(f"limit is a whole number from 1 to {most}.", "limit")
    return report.read_page(limit)


def make_answer(
    report: BucketReport, page: SumsPage, make_results: Callable[[Sums], list[Result]]
) -> BucketPage[Result]:
    """Returns the page as the API answers it, with the results that `make_results` makes of a bucket."""
    duration = report.width.duration
    return BucketPage(
        data=[
            Bucket(
                start_time=int(bucket.start.timestamp()),
                end_time=int((bucket.start + duration).timestamp()),
                results=make_results(bucket.sums),
            )
            for bucket in page.buckets
        ],
        has_more=page.next_start is not None,
        next_page=make_page(report.width, page.next_start) if page.next_start else None,
    )
