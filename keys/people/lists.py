"""One person in an organization: projects and why they have them, API keys, access tokens, terminals."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, NamedTuple
from urllib.parse import urlencode

from django.db.models import Count, Max
from django.http import Http404
from django.urls import reverse

from accounts.access.organization import OrganizationAccess
from accounts.enums import InvitationState
from accounts.members.services import may_change as may_change_member
from accounts.models import Membership, User
from accounts.web.elements import Moment, RowMenu
from keys.api_keys.rows import KeyState, load_details
from keys.models import AccessToken, ApiKey, TerminalSession
from keys.personal_tokens.lists import find_live_tokens
from projects.access import ProjectAccess
from projects.collaborator_rows import RoleLink, build_row
from projects.models import Collaborator
from projects.models.collaborator import CollaboratorQuerySet

# The headings of the columns, which each cell repeats where the screen is narrow.
LABELS = {
    "role": "Role",
    "why": "Access",
    "end": "Ends",
    "never": "Never",
    "project": "Project",
    "status": "Status",
    "used": "Last used",
    "cost": "Cost this month",
}
# Rows of each table: a person has few, and each heading leads to the whole list.
LISTED = 50


@dataclass(frozen=True, slots=True)
class PersonProjectRow:
    """A project that the person can open, why, and what can be done about it.

    `project_pk` is 0 and `slug` empty for the row that stands for all projects of the organization.
    """

    project_pk: int
    name: str
    url: str
    role: str
    why: str
    slug: str = ""
    since: Moment | None = None
    end: str = ""
    end_class: str = ""
    role_link: RoleLink | None = None
    menu: RowMenu | None = None


@dataclass(frozen=True, slots=True)
class PersonKeyRow:
    """An API key that the person created. Has the attributes that `key_costs` reads."""

    key: ApiKey
    hint: str
    state: KeyState
    last_used: Moment
    url: str


@dataclass(frozen=True, slots=True)
class Person:
    """A member of the organization, or an external collaborator in at least one of its projects."""

    user: User
    membership: Membership | None

    @property
    def role_label(self) -> str:
        return self.membership.get_role_display() if self.membership else "External"


def find_person(access: OrganizationAccess, public_id: str) -> Person:
    """Returns the person with that id. Raises Http404 for anyone without access to the organization."""
    members = access.organization.memberships.with_users()
    if membership := members.filter(user__public_id=public_id).first():
        return Person(membership.user, membership)
    rows = Collaborator.objects.external().with_people()
    rows = rows.filter(project__organization=access.organization, user__public_id=public_id)
    row = rows.first()
    if row is None:
        raise Http404
    return Person(row.user, None)


def build_person_page(access: OrganizationAccess, person: Person) -> dict[str, Any]:
    """Returns the context of the page. The number of queries does not depend on what the person has."""
    organization, user, membership = access.organization, person.user, person.membership
    projects, counts = list_projects(access, person), count_projects(access, person)
    keys, terminals = list_keys(access, person), list_terminals(access, user)
    members_url = reverse("members", args=[organization.slug])
    may_change = membership is not None and may_change_member(access, membership)
    tokens = find_live_tokens(organization).filter(user=user).in_full().order_by("-created_at")
    return {
        "access": access,
        "organization": organization,
        "person": person,
        "invited_by": find_inviter(access, user) if membership else "",
        "last_seen": membership.last_active_at if membership else counts.last_active_at,
        "opens_all": membership is not None and membership.opens_every_project,
        "project_rows": projects,
        "project_number": counts.total,
        "project_total": organization.projects.unarchived().count(),
        "ending_number": counts.ending,
        "project_ids": [project.project_pk for project in projects],
        "key_rows": keys,
        "key_number": count_keys(access, user),
        "key_ids": [row.key.pk for row in keys],
        "tokens": tokens[:LISTED],
        "token_number": tokens.count(),
        "terminals": terminals[:LISTED],
        "terminal_number": len(terminals),
        "is_you": access.principal.is_user(user.pk),
        "act_url": f"{members_url}{user.public_id}/" if may_change else "",
        "usage_query": urlencode({"collaborator": user.public_id}),
        "log_query": urlencode({"actor": user.email}),
        "labels": LABELS,
    }


def find_inviter(access: OrganizationAccess, user: User) -> str:
    """Returns the name of who invited the member; empty for those who were never invited."""
    accepted = access.organization.invitations.filter(
        answered_by=user, state=InvitationState.ACCEPTED
    ).exclude(role="")
    newest = accepted.select_related("invited_by").order_by("-answered_at").first()
    return newest.inviter.short_name if newest else ""


def list_projects(access: OrganizationAccess, person: Person) -> list[PersonProjectRow]:
    """Returns the first unarchived projects that the person can open."""
    rows = find_collaborations(access, person).with_people().with_vouchers()
    rows = rows.select_related("project__organization", "added_by")
    listed = rows.order_by("project__search_text", "pk")[:LISTED]
    through_role = [build_role_row(access, person.membership)] if person.membership else []
    return [*through_role, *(build_project_row(access, row) for row in listed)][:LISTED]


class ProjectCounts(NamedTuple):
    """How many rows the list of projects has without its limit, and how many of them have an end date.

    `last_active_at` is when an external collaborator last opened one of the projects, or None.
    """

    total: int
    ending: int
    last_active_at: dt.datetime | None


def count_projects(access: OrganizationAccess, person: Person) -> ProjectCounts:
    """Counts what `list_projects` lists the first of."""
    through_role = 1 if person.membership else 0
    counts = find_collaborations(access, person).aggregate(
        listed=Count("pk"), ending=Count("end_date"), active=Max("last_active_at")
    )
    return ProjectCounts(counts["listed"] + through_role, counts["ending"], counts["active"])


def find_collaborations(access: OrganizationAccess, person: Person) -> CollaboratorQuerySet:
    """Returns the person's rows in unarchived projects of the organization."""
    return Collaborator.objects.filter(
        user=person.user,
        project__organization=access.organization,
        project__archived_at__isnull=True,
    )


def build_role_row(access: OrganizationAccess, membership: Membership) -> PersonProjectRow:
    """Returns the row of what the membership itself opens: all projects, or the Default Project."""
    if membership.opens_every_project:
        url = reverse("projects", args=[access.organization.slug])
        return PersonProjectRow(0, "All projects", url, "Admin", "Through the organization role")
    default = access.organization.projects.default()
    url = reverse("project", args=[default.slug])
    return PersonProjectRow(
        default.pk, default.name, url, "Member", "Every member has it", default.slug
    )


def build_project_row(access: OrganizationAccess, row: Collaborator) -> PersonProjectRow:
    """Returns the row. Readers of this page have their role of the organization in every project."""
    list_url = reverse("collaborators", args=[row.project.slug])
    there = ProjectAccess(access.principal, row.project, access.role)
    details = build_row(there, row, list_url)
    return PersonProjectRow(
        project_pk=row.project_id,
        name=row.project.name,
        url=reverse("project", args=[row.project.slug]),
        role=details.role,
        why=f"Added by {row.added_by.name}" if row.added_by else "Added",
        slug=row.project.slug,
        since=details.added,
        end=details.end,
        end_class=details.end_class,
        role_link=details.role_link,
        menu=details.menu,
    )


def created_keys(access: OrganizationAccess, user: User) -> Any:
    keys = user.created_keys.listed().unrevoked()
    return keys.in_organization(access.organization)


def count_keys(access: OrganizationAccess, user: User) -> int:
    return int(created_keys(access, user).count())


def list_keys(access: OrganizationAccess, person: Person) -> list[PersonKeyRow]:
    """Returns the first unrevoked keys that the person created, by project and name."""
    keys = load_details(created_keys(access, person.user))
    return [
        PersonKeyRow(
            key=key,
            hint=key.current_secret().hint,
            state=KeyState.of(key),
            last_used=Moment.of(key.last_used_at),
            url=f"{reverse('api_keys', args=[key.project.slug])}?{urlencode({'q': key.public_id})}",
        )
        for key in keys.order_by("project__search_text", "search_text", "pk")[:LISTED]
    ]


@dataclass(frozen=True, slots=True)
class PersonTerminalRow:
    """A signed-in terminal of the person, with the projects of this organization that it works with."""

    session: TerminalSession
    projects: list[str]


def list_terminals(access: OrganizationAccess, user: User) -> list[PersonTerminalRow]:
    """Returns the terminals that have tokens for projects of the organization; others stay private.

    The last used come first.
    """
    tokens = AccessToken.objects.unended().filter(
        session__user=user, project__organization=access.organization
    )
    names = list(tokens.values_list("session", "project__name").distinct())
    sessions = user.terminal_sessions.alive().filter(pk__in={session for session, _ in names})
    return [
        PersonTerminalRow(session, list_names(names, session.pk))
        for session in sessions.last_used_first(tokens__in=tokens)
    ]


def list_names(names: Iterable[tuple[int, str]], session: int) -> list[str]:
    return sorted(name for pk, name in names if pk == session)
