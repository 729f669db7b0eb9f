"""Who used something, and for whom: what the ids of an event stand for, looked up for a whole batch."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import cached_property
from typing import NamedTuple

from accounts.models import Membership, MembershipPeriod, Organization, User
from accounts.permissions import ProjectRole, project_role
from keys.models import ApiKey
from projects.models import CollaborationPeriod, Collaborator, Project
from usage.attribution import Meant, Place
from usage.ingest.events import Refused, is_event_id


class Named(NamedTuple):
    """How an event names its actor: public ids, None where it names none."""

    api_key: str | None
    user: str | None
    project: str | None
    organization: str | None


class Found(NamedTuple):
    """An actor by primary keys, and whom their usage is meant for."""

    meant: Meant
    api_key: int | None = None
    user: int | None = None

    @property
    def organization(self) -> int:
        """The organization that the usage is meant for."""
        return self.meant.default.organization


class Wrong(NamedTuple):
    """Why an event is refused; with `found`, whom it would be of, it may still turn out to be stored."""

    found: Found | None
    refused: Refused


class Someone(NamedTuple):
    """A user, and what of theirs decides where their usage goes."""

    pk: int
    public_id: str
    email: str
    home: int | None


class Actors:
    """The actors of one batch: a few queries, however many events."""

    def __init__(self, named: Collection[Named]) -> None:
        self.keys = found_keys(references(one.api_key for one in named))
        self.users = found_users(references(one.user for one in named))
        self.projects = found_projects(references(one.project for one in named))
        self.organizations = found_organizations(references(one.organization for one in named))
        homes = {user.home for user in self.users.values() if user.home}
        wanted = {place.organization for place, _ in self.keys.values()}
        wanted |= {place.organization for place, _ in self.projects.values()}
        concerned = wanted | homes | set(self.organizations.values())
        self.defaults = defaults_of(concerned)
        self.access = Accesses(self.users.values(), concerned) if self.users else None

    def resolve(self, named: Named, day: dt.date) -> Found | Wrong:
        """Who it is, or what is wrong."""
        if named.api_key:
            return self.by_key(named)
        if named.user:
            return self.by_user(named, day)
        return Wrong(
            None, Refused("missing", "api_key_id", "Name an actor: api_key_id or user_id.")
        )

    def by_key(self, named: Named) -> Found | Wrong:
        if named.user or named.project or named.organization:
            extra = (
                "user_id" if named.user else "project_id" if named.project else "organization_id"
            )
            told = f"A key stands for its project: leave {extra} out beside api_key_id."
            return Wrong(None, Refused("invalid", extra, told))
        if named.api_key not in self.keys:
            return Wrong(
                None, Refused("not_found", "api_key_id", f"There is no API key {named.api_key}.")
            )
        project, key = self.keys[named.api_key]
        default = self.defaults[project.organization]
        return Found(Meant(default, project, by_key=True), api_key=key)

    def by_user(self, named: Named, day: dt.date) -> Found | Wrong:
        user = self.users.get(named.user or "")
        if user is None:
            return Wrong(None, Refused("not_found", "user_id", f"There is no user {named.user}."))
        if named.project:
            return self.with_project(named, user, day)
        return self.in_session(named, user, day)

    def with_project(self, named: Named, user: Someone, day: dt.date) -> Found | Wrong:
        """A user with a token scoped to a project."""
        assert self.access is not None
        found = self.projects.get(named.project or "")
        if found is None:
            return Wrong(None, no_access("project_id", named.project))
        place, is_default = found
        if named.organization and self.organizations.get(named.organization) != place.organization:
            told = "organization_id is not the organization of project_id: leave it out."
            return Wrong(None, Refused("invalid", "organization_id", told))
        role = self.access.role(user, place.organization, day)
        home = self.defaults.get(user.home) if user.home and role is None else None
        meant = Meant(self.defaults[place.organization], place, in_session=True, home=home)
        known = Found(meant, user=user.pk)
        listed = ProjectRole.MEMBER if self.access.is_listed(user, place, day) else None
        if project_role(role, listed, is_default=is_default):
            return known
        return Wrong(known, no_access("project_id", named.project))

    def in_session(self, named: Named, user: Someone, day: dt.date) -> Found | Wrong:
        """A user without a project: a session under an organization, their home if none is named."""
        assert self.access is not None
        organization = (
            self.organizations.get(named.organization) if named.organization else user.home
        )
        if organization is None:
            if named.organization:
                return Wrong(None, no_access("organization_id", named.organization))
            return Wrong(
                None, Refused("invalid", "user_id", "The user has no organization: name one.")
            )
        known = Found(Meant(self.defaults[organization], in_session=True), user=user.pk)
        if organization == user.home or self.access.role(user, organization, day):
            return known
        return Wrong(known, no_access("organization_id", named.organization))


class Accesses:
    """What users may or might use: their memberships and rows now, and periods that have ended.

    `periods` is read once, when the first comes up who is not in there now.
    """

    def __init__(self, users: Iterable[Someone], organizations: Collection[int]) -> None:
        self.users, self.organizations = [user.pk for user in users], organizations
        self.roles = {
            (user, organization): role
            for user, organization, role in Membership.objects.filter(
                user__in=self.users
            ).values_list("user_id", "organization_id", "role")
        }
        self.rows = {
            (user, project): end
            for user, project, end in Collaborator.objects.filter(user__in=self.users).values_list(
                "user_id", "project_id", "end_date"
            )
        }

    def role(self, user: Someone, organization: int, day: dt.date) -> str | None:
        """The role in an organization now, or the first that ended on that day or later."""
        if role := self.roles.get((user.pk, organization)):
            return role
        ended = self.membership_periods.get((user.pk, organization), ())
        return next((role for ended_on, role in ended if ended_on >= day), None)

    def is_listed(self, user: Someone, place: Place, day: dt.date) -> bool:
        """Whether they are on the project's list, or were on that day or later."""
        if (user.pk, place.project) in self.rows:
            end = self.rows[user.pk, place.project]
            return end is None or end >= day
        ended = self.collaboration_periods.get((user.pk, place.project), ())
        return any(ended_on >= day for ended_on in ended)

    @cached_property
    def membership_periods(self) -> dict[tuple[int, int], list[tuple[dt.date, str]]]:
        """(day of the end in UTC, role) of those that have ended, the oldest first."""
        periods = defaultdict(list)
        rows = MembershipPeriod.objects.filter(
            user__in=self.users, organization__in=self.organizations, ended_at__isnull=False
        ).order_by("ended_at")
        for user, organization, ended_at, role in rows.values_list(
            "user_id", "organization_id", "ended_at", "role"
        ):
            periods[user, organization].append((last_day(ended_at), role))
        return periods

    @cached_property
    def collaboration_periods(self) -> dict[tuple[int, int], list[dt.date]]:
        """The days in UTC on which they ended."""
        periods = defaultdict(list)
        rows = CollaborationPeriod.objects.filter(
            user__in=self.users,
            project__organization__in=self.organizations,
            ended_at__isnull=False,
        )
        for user, project, ended_at in rows.values_list("user_id", "project_id", "ended_at"):
            periods[user, project].append(last_day(ended_at))
        return periods


def last_day(ended_at: dt.datetime | None) -> dt.date:
    """The last day in UTC of which a period has a moment: midnight itself belongs to the day before."""
    assert ended_at is not None  # only periods that have ended are asked for
    return (ended_at.astimezone(dt.UTC) - dt.timedelta(microseconds=1)).date()


def no_access(param: str, reference: str | None) -> Refused:
    """The same for one that is not there: whose it is says no answer."""
    return Refused("no_access", param, f"{param}: the user had no access to {reference}.")


def references(given: Iterable[str | None]) -> set[str]:
    """Those that can be asked for: a database refuses some texts altogether."""
    return {one for one in given if one and is_event_id(one)}


# Neither a key's project nor a project's organization ever changes (triggers refuse it), so a worker
# remembers whose keys are.
KEYS: dict[str, tuple[Place, int]] = {}
MOST_KEYS = 100_000


def found_keys(ids: set[str]) -> dict[str, tuple[Place, int]]:
    if missing := ids - KEYS.keys():
        if len(KEYS) + len(missing) > MOST_KEYS:
            KEYS.clear()
            missing = ids
        rows = ApiKey.objects.filter(public_id__in=missing).values_list(
            "public_id", "pk", "project_id", "project__organization_id"
        )
        for public_id, pk, project, organization in rows:
            KEYS[public_id] = Place(organization, project), pk
    return {one: KEYS[one] for one in ids if one in KEYS}


def found_users(ids: set[str]) -> dict[str, Someone]:
    rows = User.objects.filter(public_id__in=ids).values_list(
        "pk", "public_id", "email", "home_organization_id"
    )
    return {row[1]: Someone(*row) for row in rows}


def found_projects(ids: set[str]) -> dict[str, tuple[Place, bool]]:
    rows = Project.objects.filter(public_id__in=ids).values_list(
        "public_id", "organization_id", "pk", "is_default"
    )
    return {ref: (Place(organization, pk), default) for ref, organization, pk, default in rows}


def found_organizations(ids: set[str]) -> dict[str, int]:
    return dict(Organization.objects.filter(public_id__in=ids).values_list("public_id", "pk"))


def defaults_of(organizations: set[int]) -> dict[int, Place]:
    rows = Project.objects.filter(is_default=True, organization__in=organizations)
    return {
        organization: Place(organization, pk)
        for organization, pk in rows.values_list("organization_id", "pk")
    }
