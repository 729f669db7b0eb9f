"""The management API of the audit log. Source: OpenAI's Administration API."""

import datetime as dt

from django.db.models import Q
from django.http import HttpRequest

from accounts.audit.event_types import find_actions
from accounts.audit.log import match_address, period_range
from accounts.audit.payloads import LATEST, AuditEventObject, AuditParameters
from accounts.audit.scopes import find_accounts, find_projects, match_accounts, match_projects
from accounts.email_addresses import normalize_email
from accounts.models import AuditChain, AuditEvent, Organization
from accounts.models.audit import AuditEventQuerySet
from accounts.permissions import Permission
from accounts.web.api.callers import MANAGERS, Caller, require_organization
from accounts.web.api.errors import Refused, api_error, refuse_value
from accounts.web.api.listing import ObjectList, fetch_range, make_list
from accounts.web.api.routes import api_route
from accounts.web.pagination import Order

TENANT_ONLY = "tenant_only is not supported here; leave it out."


@api_route(
    "GET",
    "List audit events",
    tag="Audit log",
    credentials=MANAGERS,
    permission=Permission.AUDIT_SEE,
)
def list_events(
    request: HttpRequest, caller: Caller, query: AuditParameters
) -> ObjectList[AuditEventObject]:
    """Lists what was done in the organization, newest first.

    `before` alone returns the page that ends just before that event. To read all events as they come in, use
    `order=asc` and send the `last_id` of the last page as `after`: events are numbered without gaps, so you
    won't miss any."""
    organization = require_organization(caller)
    events = filter_events(organization, query).with_personal_data().select_related("actor")
    order = Order("sequence", descending=query.order == "desc")
    fetched = fetch_range(events, query, order)
    projects = find_projects(organization, fetched)
    accounts = find_accounts(organization, fetched)

    def make_item(event: AuditEvent) -> AuditEventObject:
        account = accounts.get(event.credential)
        return AuditEventObject.of_event(event, projects.get(event.pk), account)

    at_end = query.before is not None and query.after is None
    return make_list(fetched, query.limit, order, make_item, at_end=at_end)


def filter_events(organization: Organization, query: AuditParameters) -> AuditEventQuerySet:
    """Returns the events of the organization that the query asks for.

    Raises Refused with 422 for a type of events that does not exist.
    """
    if query.tenant_only:
        raise Refused(api_error(422, TENANT_ONLY, param="tenant_only", code="not_supported"))
    chain: AuditChain = organization.audit_chain
    events: AuditEventQuerySet = chain.events.filter(match_time(chain, query))
    if query.project_ids:
        events = events.filter(match_projects(organization, clean_texts(query.project_ids)))
    if query.event_types:
        events = events.filter(act__in=read_event_types(query.event_types))
    if query.actor_ids:
        ids = clean_texts(query.actor_ids)
        accounts = match_accounts(organization, ids)
        events = events.filter(Q(actor__public_id__in=ids) | Q(credential__in=ids) | accounts)
    if query.resource_ids:
        events = events.filter(target_id__in=clean_texts(query.resource_ids))
    emails = {normalize_email(email) for email in clean_texts(query.actor_emails)}
    condition = Q()
    for email in sorted(emails):
        condition |= match_address(chain.events.all(), email)
    return events.filter(condition)


def match_time(chain: AuditChain, query: AuditParameters) -> Q:
    """Returns the condition of the range of times, compared in whole seconds, as the API returns them."""
    since = max(read_times((query.after_time, 1), (query.from_time, 0)), default=None)
    end = min(read_times((query.before_time, 0), (query.until_time, 1)), default=None)
    condition = Q(at__gte=since) if since else Q()
    if end:
        condition &= Q(at__lt=end)
    if since or end:
        # Else the database could read all events from one end of the chain to find a few in its middle.
        condition &= Q(sequence__range=period_range(chain, since, end))
    return condition


def read_times(*given: tuple[int | None, int]) -> list[dt.datetime]:
    """Returns the given Unix times, each plus its number of seconds, and none after the year 9999."""
    return [
        dt.datetime.fromtimestamp(min(seconds + later, LATEST), dt.UTC)
        for seconds, later in given
        if seconds is not None
    ]


def read_event_types(names: list[str]) -> list[str]:
    """Returns the stored actions with these names of types. Raises Refused with 422 for an unknown name."""
    actions = []
    for index, name in enumerate(names):
        named = find_actions(name)
        if named is None:
            param = f"event_types[][{index}]"
            raise refuse_value(f"{param} is not a type of events.", param)
        actions += named
    return actions


def clean_texts(texts: list[str]) -> list[str]:
    """Returns the texts without NUL, which PostgreSQL refuses."""
    return [text.replace("\x00", "") for text in texts]
