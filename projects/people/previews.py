"""The preview of a list of people uploaded to the collaborators page."""

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from accounts.invitations.people_files import PeopleTable, PersonLine
from accounts.invitations.previews import (
    DOMAINS_READ,
    Preview,
    RefusedLineError,
    build_preview,
    list_domains,
)
from accounts.invitations.services.mailing import find_full_recipients
from accounts.permissions import ProjectRole, may_grant_role
from accounts.web.formatting import format_day
from projects.access import ProjectAccess
from projects.models.collaborator import today
from projects.services.additions import Addition
from projects.services.endings import LAST_YEAR, TOO_LATE
from projects.services.externals import pending_invitations

COLUMNS = ("email", "name", "role", "end date")
# What people read who may not learn who is a member.
ADDED_IF_MEMBER = "Added if they are a member"


@dataclass(frozen=True)
class Lookup:
    """What the lines of a file are compared with, queried once for all of them."""

    listed: dict[str, str]
    members: Collection[str]
    invited: Collection[str]
    full: Collection[str]
    reasons: list[str]


def preview_collaborators(
    access: ProjectAccess, table: PeopleTable, *, role: ProjectRole, limit: int
) -> Preview[Addition]:
    """Returns what would happen to each person.

    `role` is that of people whose line has none, `limit` how many invitations can be sent now.
    """
    remaining = limit
    lookup = look_up(access, [person.email for person in table.people])

    def check_line(person: PersonLine, email: str) -> tuple[Addition, str, str]:
        nonlocal remaining
        addition = read_addition(access, person, email, role)
        details = addition.role.label
        if addition.end_date:
            details += f", until {format_day(addition.end_date)}"
        if not access.may.externals_manage:
            return addition, ADDED_IF_MEMBER, details
        if email in lookup.listed:
            raise RefusedLineError(f"{lookup.listed[email]} is already a collaborator.")
        if email in lookup.members:
            return addition, "Will be added", details
        refuse_external(email, lookup, remaining)
        remaining -= 1
        return addition, "Will be invited", details

    memberships = access.organization.memberships
    emails = memberships.values_list("user__email", flat=True).order_by("-pk")[:DOMAINS_READ]
    domains = list_domains(emails) if access.may.externals_manage else []
    return build_preview(table, check_line, domains=domains)


def look_up(access: ProjectAccess, emails: Iterable[str]) -> Lookup:
    emails = set(emails)
    if not access.may.externals_manage:
        return Lookup({}, (), (), (), [])
    members = access.organization.memberships.filter(user__email__in=emails)
    current = access.project.collaborators.current().filter(user__email__in=emails)
    pending = pending_invitations(access.project).filter(email__in=emails)
    return Lookup(
        listed=dict(current.values_list("user__email", "user__name")),
        members=set(members.values_list("user__email", flat=True)),
        invited=set(pending.values_list("email", flat=True)),
        full=find_full_recipients(emails),
        reasons=access.project.why_no_externals(),
    )


def refuse_external(email: str, lookup: Lookup, remaining: int) -> None:
    """Raises RefusedLineError if someone who is not a member can't be invited to the project."""
    if lookup.reasons:
        raise RefusedLineError(" ".join(["They are not a member.", *lookup.reasons]))
    if email in lookup.invited:
        raise RefusedLineError("Already invited. You can resend or withdraw the invitation.")
    if email in lookup.full:
        raise RefusedLineError("They were sent too many invitations today. Try again tomorrow.")
    if remaining <= 0:
        raise RefusedLineError("You can't send more invitations now. Try again tomorrow.")


def read_addition(
    access: ProjectAccess, person: PersonLine, email: str, default: ProjectRole
) -> Addition:
    text = person.get("role").casefold()
    if text and text not in ProjectRole.values:
        raise RefusedLineError(f"“{text[:40]}” is not a project role. Use admin or member.")
    role = ProjectRole(text) if text else default
    if not may_grant_role(access.role, role):
        raise RefusedLineError("You can't give a role above your own.")
    return Addition(email, role, read_end_date(person.get("end date")))


def read_end_date(text: str) -> dt.date | None:
    if not text:
        return None
    try:
        day = dt.date.fromisoformat(text)
    except ValueError:
        raise RefusedLineError(f"“{text[:40]}” is not a date. Write it as 2026-12-31.") from None
    if day < today():
        raise RefusedLineError("The end date is in the past.")
    if day.year > LAST_YEAR:
        raise RefusedLineError(TOO_LATE)
    return day
