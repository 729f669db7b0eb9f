"""Lists the API keys of a project: filtered, sorted, a page at a time."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Count, DateTimeField, Q, Value
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.urls import reverse

from accounts.models.principals import Principal
from accounts.web.columns import Column, link_columns
from accounts.web.list_query import ListQuery, make_orders
from accounts.web.new_rows import get_mark, put_new_first, read_new_ids
from accounts.web.pagination import paginate, query_parameters
from keys.api_keys.locking import may_change_key
from keys.api_keys.rows import (
    CANCEL_EXPIRATION,
    FINISH,
    LIMITS,
    RENAME,
    REVOKE,
    ROTATE,
    ROTATION,
    SET_EXPIRATION,
    TAGS,
    UNDO,
    KeyAction,
    create_key_row,
    load_details,
)
from keys.api_keys.services import why_not_cancel, why_not_rotate
from keys.enums import KeyStatus
from keys.models import ApiKey, KeyPolicy
from keys.models.api_key import ApiKeyQuerySet
from keys.models.conditions import is_stopped
from keys.policy.issuing import check_issuing
from projects.access import ProjectAccess

# Sort values of keys that were never used or never expire: cursors need a value.
LONG_AGO = Value(datetime(1970, 1, 1, tzinfo=dt.UTC), DateTimeField())
NEVER = Value(datetime(9999, 12, 31, tzinfo=dt.UTC), DateTimeField())
SORTED_COLUMNS = ("name", "created", "used", "expires")
COLUMNS = {
    "name": Column("Name", "name"),
    "status": Column("Status", "status"),
    "created": Column("Created", "created"),
    "used": Column("Last used"),
    "expires": Column("Expires"),
    "cost": Column("30-day cost", "number"),
    "actions": Column("Actions", "acts", is_label_hidden=True),
}
# Statuses besides those of a key itself: all keys, also revoked ones, which are left out without a status,
# and those that a spent budget refuses.
ALL, STOPPED = "all", "stopped"


@dataclass(frozen=True)
class KeyListQuery(ListQuery):
    """The query of a project's API keys."""

    status: str = ""
    creator: str = ""

    choices = {
        "status": {**dict(KeyStatus.choices), STOPPED: "Stopped", ALL: "all"},
        "creator": {"me": "you"},
    }
    orders = make_orders(
        name="search_text", created="created_at", used="used_key", expires="expires_key"
    )
    default_sort = "-created"

    def apply(self, keys: ApiKeyQuerySet, principal: Principal) -> ApiKeyQuerySet:
        if self.q:
            keys = keys.matching(self.q)
        if self.creator:
            keys = keys.made_by(principal.user)
        if self.status == ALL:
            return keys
        if self.status == STOPPED:
            return keys.active().filter(is_stopped())
        return keys.with_status(KeyStatus(self.status)) if self.status else keys.unrevoked()


def key_list(access: ProjectAccess, query: QueryDict) -> dict[str, Any]:
    """Returns the context of the API keys page for the filter in its URL."""
    filters, keys = KeyListQuery.parse(query), access.project.api_keys.listed()
    matches = filters.apply(keys, access.principal)
    numbers = keys.aggregate(
        all=Count("pk"),
        revoked=Count("pk", filter=Q(revoked_at__isnull=False)),
        found=Count("pk", filter=Q(pk__in=matches.values("pk"))),
    )
    page = paginate(
        with_sort_keys(matches), filters.order, numbers["found"], query_parameters(query)
    )
    here = reverse("api_keys", args=[access.project.slug])
    new = read_new_ids(query) if page.number == 1 else []
    policy, why_not = check_issuing(access)
    manages, sees_budgets = access.may.api_keys_manage, access.may.project_budgets_see
    budgets_url = reverse("project_budgets", args=[access.project.slug]) if sees_budgets else ""
    return {
        "access": access,
        "project": access.project,
        "organization": access.organization,
        "page": page,
        "rows": [
            create_key_row(
                key,
                f"{here}{key.public_id}/",
                tuple(list_actions(access, key, policy, why_not)) if manages else (),
                get_mark(key, new),
                budgets_url=budgets_url,
            )
            for key in put_new_first(page.rows, with_sort_keys(keys), new)
        ],
        "numbers": numbers,
        "filters": filters,
        "clear_url": here,
        "revoked_url": f"{here}?status={KeyStatus.REVOKED}",
        "columns": link_columns(COLUMNS, filters.sort_links(SORTED_COLUMNS)),
        "create_url": f"{here}create/" if manages and not why_not else "",
        "why_not": why_not if manages else "",
    }


def with_sort_keys(keys: ApiKeyQuerySet) -> ApiKeyQuerySet:
    """Returns the keys with all that a row needs and non-null values to sort by."""
    return load_details(keys).annotate(
        used_key=Coalesce("last_used_at", LONG_AGO),
        expires_key=Coalesce("expires_at", NEVER),
    )


def list_actions(
    access: ProjectAccess, key: ApiKey, policy: KeyPolicy, why_not: str
) -> Iterator[KeyAction]:
    """Yields what the reader, who manages keys, can do with `key` in its present state.

    `why_not` is empty if they may create secrets.
    """
    if key.why_final:
        return
    if key.outgoing_secret():
        yield from (ROTATION, FINISH)
    if may_change_key(access, key):
        yield from list_changes(key, policy, why_not)
    if access.may.project_limits_see:
        yield LIMITS
    yield REVOKE


def list_changes(key: ApiKey, policy: KeyPolicy, why_not: str) -> Iterator[KeyAction]:
    """Yields those that do not only end what the key does."""
    if key.outgoing_secret():
        yield UNDO
    elif not why_not and not why_not_rotate(key, policy):
        yield ROTATE
    yield SET_EXPIRATION
    if not why_not_cancel(key, policy):
        yield CANCEL_EXPIRATION
    yield RENAME
    yield TAGS
