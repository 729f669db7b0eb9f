"""Lists all API keys of an organization: filtered, sorted, a page at a time, or as a file."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import F
from django.db.models.functions import Coalesce
from django.http import QueryDict
from django.urls import reverse

from accounts.access.organization import OrganizationAccess
from accounts.models import Organization
from accounts.searching import match_words
from accounts.web.columns import Column, link_columns
from accounts.web.elements import Moment
from accounts.web.list_query import ListQuery, make_orders
from accounts.web.pagination import paginate, query_parameters
from accounts.web.row_links import slug_url_format
from keys.api_keys.lists import NEVER
from keys.api_keys.rows import KeyCreator, KeyState, describe_expiry, load_details
from keys.enums import Segment
from keys.inventory.segments import count_segments, filter_segment
from keys.models import ApiKey, KeyPolicy
from keys.models.api_key import ApiKeyQuerySet
from projects.models import Project

PROJECTS_OFFERED = 100
SORTED_COLUMNS = ("name", "project", "used", "expires")
COLUMNS = {
    "box": Column("Selected", "pick", is_label_hidden=True),
    "name": Column("Name", "name"),
    "project": Column("Project"),
    "status": Column("Status", "status"),
    "creator": Column("Created by"),
    "used": Column("Last used"),
    "expires": Column("Expires"),
    "cost": Column("30-day cost", "number"),
}


@dataclass(frozen=True, slots=True)
class ReportRow:
    """A key in the table of its organization; one that can be revoked has a label for its checkbox."""

    key: ApiKey
    hint: str
    box_label: str
    project_url: str
    project_note: str
    state: KeyState
    creator: KeyCreator
    last_used: Moment
    created: Moment | None
    expires: Moment


@dataclass(frozen=True)
class KeyInventoryQuery(ListQuery):
    """The query of an organization's keys. `project` is a slug, `look` empty for the active keys."""

    project: str = ""
    look: str = ""

    choices = {"look": {look.value: look.label for look in Segment if look != Segment.ACTIVE}}
    # `used`: since a key was last used, or created, so that unused keys come first.
    orders = make_orders(
        name="search_text", project="project_key", used="idle_since", expires="expires_key"
    )
    default_sort = "used"
    arranging = ("sort", "look")

    def narrow(self, keys: ApiKeyQuerySet) -> ApiKeyQuerySet:
        if self.q:
            by_person = match_words(self.q, "created_by__search_text")
            keys = keys.matching(self.q) | keys.filter(by_person)
        return keys.filter(project__slug=self.project) if self.project else keys

    def apply(self, keys: ApiKeyQuerySet, policy: KeyPolicy) -> ApiKeyQuerySet:
        """Returns the keys that match, with only the column to sort by, which is computed for all of them."""
        matches = filter_segment(self.narrow(keys), Segment(self.look or Segment.ACTIVE), policy)
        order = self.order
        if order.key == "search_text":
            return matches
        if order.key == "idle_since":
            return matches.with_idleness()
        keys_of = {
            "project_key": F("project__search_text"),
            "expires_key": Coalesce("expires_at", NEVER),
        }
        return matches.annotate(**{order.key: keys_of[order.key]})


def listed_keys(organization: Organization) -> ApiKeyQuerySet:
    """Returns all keys of the organization's projects, without the Default Key."""
    return ApiKey.objects.in_organization(organization).listed()


def organization_key_list(access: OrganizationAccess, query: QueryDict) -> dict[str, Any]:
    """Returns the context of the page for the filter in its URL."""
    organization, filters = access.organization, KeyInventoryQuery.parse(query)
    policy, keys = KeyPolicy.of(organization), listed_keys(organization)
    counted = count_segments(filters.narrow(keys), policy)
    look = Segment(filters.look) if filters.look in counted else Segment.ACTIVE
    page = paginate(
        filters.apply(keys, policy), filters.order, counted[look], query_parameters(query)
    )
    here = reverse("organization_keys", args=[organization.slug])
    return {
        "access": access,
        "page": page,
        "rows": create_rows(page.rows),
        "total": counted[look],
        "look": look,
        "looks": [
            segment_link(segment, number, filters, look) for segment, number in counted.items()
        ],
        "filters": filters,
        "projects": [
            (project.slug, project.name)
            for project in list_offered_projects(organization, filters.project)
        ],
        "clear_url": here + filters.url(q="", project=""),
        "csv_url": here + filters.url(format="csv"),
        "revoke_url": f"{here}revoke/" if access.may.organization_keys_revoke else "",
        "policy_url": f"{here}policy/" if access.may.key_policy_change else "",
        "columns": link_columns(COLUMNS, filters.sort_links(SORTED_COLUMNS)),
    }


def segment_link(
    look: Segment, number: int, filters: KeyInventoryQuery, current: Segment
) -> dict[str, Any]:
    """Returns the link to a segment, which keeps the rest of the filter."""
    value = "" if look == Segment.ACTIVE else look.value
    return {
        "label": look.label,
        "number": number,
        "url": filters.url(look=value) or "?",
        "current": look == current,
    }


def list_offered_projects(organization: Organization, chosen: str) -> list[Project]:
    """Returns the first projects by name to filter by, and the chosen one."""
    projects = organization.projects.order_by("search_text", "pk")
    offered = list(projects[:PROJECTS_OFFERED])
    if chosen and chosen not in {project.slug for project in offered}:
        offered += projects.filter(slug=chosen)
    return offered


def create_rows(keys: list[ApiKey]) -> list[ReportRow]:
    """Returns the rows of `keys`, in the same order."""
    details = load_details(ApiKey.objects.filter(pk__in=[key.pk for key in keys]))
    by_id = {key.pk: key for key in details}
    keys_url = slug_url_format("api_keys")
    return [create_report_row(by_id[key.pk], keys_url) for key in keys]


def split_chosen(chosen: list[ApiKey]) -> dict[str, list[ReportRow]]:
    """Returns the rows of the keys that can be revoked, and of those that already are."""
    rows = create_rows(chosen)
    return {
        "rows": [row for row in rows if not row.key.revoked_at],
        "revoked": [row for row in rows if row.key.revoked_at],
    }


def create_report_row(key: ApiKey, keys_url: str) -> ReportRow:
    """Returns the row of a key; `keys_url` is that of any project's API keys, see `slug_url_format`.

    A key that was never used says when it was created instead.
    """
    project, last_used = key.project, key.last_used_at
    return ReportRow(
        key=key,
        hint=key.current_secret().hint,
        box_label="" if key.revoked_at else f"Select {key.name} in {project.name}",
        project_url=keys_url.format(project.slug),
        project_note="Archived" if project.is_archived else "",
        state=KeyState.of(key),
        creator=KeyCreator.of(key),
        last_used=Moment.of(last_used),
        created=None if last_used else Moment.of(key.created_at).within("created {}"),
        expires=describe_expiry(key),
    )


def export_rows(organization: Organization, filters: KeyInventoryQuery) -> Iterator[list[object]]:
    """Yields the header and a row for each key that matches, in the order of the page."""
    yield [
        "key id", "name", "project", "project slug", "hint", "status", "created by",
        "creator's address", "creator gone", "created (UTC)", "last used (UTC)", "expires (UTC)",
        "revoked (UTC)", "revoked because",
    ]  # fmt: skip
    matches = filters.apply(listed_keys(organization), KeyPolicy.of(organization))
    for key in filters.order.apply(load_details(matches)).iterator(chunk_size=500):
        creator = key.created_by
        yield [
            key.public_id, key.name, key.project.name, key.project.slug,
            key.current_secret().hint, key.status.label, creator.name if creator else key.program_name,
            creator.email if creator and not creator.deleted_at else "",
            "" if key.creator_is_in else "yes",
            *map(format_timestamp, (key.created_at, key.last_used_at, key.expires_at, key.revoked_at)),
            key.revoked_because,
        ]  # fmt: skip


def format_timestamp(moment: datetime | None) -> str:
    return moment.isoformat(timespec="seconds") if moment else ""
