"""Finds which project an audit event is about, and which service account acted.

Events do not store either: they follow from the event's target and credential.
"""

import re
from collections.abc import Collection, Iterable
from typing import Any, NamedTuple

from django.db.models import Q

from accounts.models import AuditEvent, Organization

# Rows of a project that are never deleted, so that events can be traced to them.
KEPT = ("api_keys", "personal_tokens", "service_accounts", "service_accounts__tokens")
ACCOUNT, TOKEN = "service_accounts__public_id", "service_accounts__tokens__public_id"
# Rows of collaborators are deleted. Their names in the log end in the project's slug, which is never reused.
COLLABORATOR = "collaborator."
IN_PROJECT = re.compile(r" in ([a-z0-9-]+)\Z")


class EventProject(NamedTuple):
    public_id: str
    name: str


def match_projects(organization: Organization, public_ids: Collection[str]) -> Q:
    """Returns the condition of events about these projects of the organization, or something in them."""
    projects = organization.projects.filter(public_id__in=public_ids)
    condition = Q(target_id__in=projects.values("public_id"))
    for relation in KEPT:
        filled = projects.filter(**{f"{relation}__isnull": False})
        condition |= Q(target_id__in=filled.values(f"{relation}__public_id"))
    invitations = organization.invitations.filter(project_ref__in=projects.values("public_id"))
    condition |= Q(target_id__in=invitations.values("public_id"))
    for slug in projects.values_list("slugs__slug", flat=True):
        ends = Q(target_label__endswith=f" in {slug}")
        ends |= Q(stored_personal_data__target_label__endswith=f" in {slug}")
        condition |= Q(act__startswith=COLLABORATOR) & ends
    return condition


def find_projects(
    organization: Organization, events: Iterable[AuditEvent]
) -> dict[int, EventProject]:
    """Returns the projects that events are about, by the primary keys of the events.

    The number of queries does not depend on the number of events.
    """
    events = list(events)
    ids = {event.target_id for event in events}
    by_target: dict[str, EventProject] = {}
    for field in ("public_id", *(f"{relation}__public_id" for relation in KEPT)):
        rows = organization.projects.filter(**{f"{field}__in": ids})
        by_target |= index_projects(rows, field)
    refs = dict(
        organization.invitations.filter(public_id__in=ids)
        .exclude(project_ref="")
        .values_list("public_id", "project_ref")
    )
    slugs = {event.pk: read_slug(event) for event in events}
    by_ref = index_projects(organization.projects.filter(public_id__in=refs.values()), "public_id")
    by_slug = index_projects(
        organization.projects.filter(slugs__slug__in=set(slugs.values())), "slugs__slug"
    )
    by_event = {
        event.pk: by_target.get(event.target_id)
        or by_ref.get(refs.get(event.target_id, ""))
        or by_slug.get(slugs[event.pk])
        for event in events
    }
    return {pk: project for pk, project in by_event.items() if project}


def index_projects(projects: Any, field: str) -> dict[str, EventProject]:
    """Returns the projects by the values of a field."""
    rows = projects.values_list(field, "public_id", "name")
    return {value: EventProject(public_id, name) for value, public_id, name in rows}


def read_slug(event: AuditEvent) -> str:
    """Returns the slug in the name of a collaborator; empty for all other targets."""
    match = IN_PROJECT.search(event.target_name)
    return match[1] if match and event.act.startswith(COLLABORATOR) else ""


def match_accounts(organization: Organization, public_ids: Collection[str]) -> Q:
    """Returns the condition of events in which these service accounts of the organization acted."""
    projects = organization.projects.filter(**{f"{ACCOUNT}__in": public_ids})
    return Q(credential__in=projects.exclude(**{TOKEN: None}).values(TOKEN))


def find_accounts(organization: Organization, events: Iterable[AuditEvent]) -> dict[str, str]:
    """Returns the public ids of the service accounts that acted, by those of the tokens they used."""
    tokens = {event.credential for event in events}
    projects = organization.projects.filter(**{f"{TOKEN}__in": tokens})
    return dict(projects.values_list(TOKEN, ACCOUNT))
