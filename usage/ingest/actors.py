"""Resolves the actors that the events of a batch name: keys, or users and what they have access to."""

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable
from functools import cached_property
from typing import NamedTuple

from accounts.models import Membership, MembershipPeriod
from accounts.permissions import ProjectRole, project_role
from projects.models import CollaborationPeriod, Collaborator
from usage.attribution import AttributionInput
from usage.ids import KeyId, OrganizationId, ProjectId, UserId
from usage.ingest.actor_rows import (
    UserRow,
    fetch_default_projects,
    fetch_keys,
    fetch_organizations,
    fetch_projects,
    fetch_users,
    select_valid_ids,
)
from usage.ingest.events import Rejection


class ActorReference(NamedTuple):
    """How an event names its actor: public ids, None for those it omits."""

    api_key: str | None
    user: str | None
    project: str | None
    organization: str | None


class ResolvedActor(NamedTuple):
    """The key or user of an event, and what decides where their usage is billed."""

    attribution: AttributionInput
    api_key: KeyId | None = None
    user: UserId | None = None

    @property
    def organization(self) -> OrganizationId:
        """The organization that the usage is intended for."""
        return self.attribution.default.organization


class RejectedEvent(NamedTuple):
    """Why an event is rejected. With an `actor` it may still turn out to be a retry of a stored event."""

    rejection: Rejection
    actor: ResolvedActor | None = None


class ActorLookup:
    """The actors of one batch, fetched with a few queries however many events there are."""

    def __init__(self, references: Collection[ActorReference]) -> None:
        self.keys = fetch_keys(select_valid_ids(ref.api_key for ref in references))
        self.users = fetch_users(select_valid_ids(ref.user for ref in references))
        self.projects = fetch_projects(select_valid_ids(ref.project for ref in references))
        self.organizations = fetch_organizations(
            select_valid_ids(ref.organization for ref in references)
        )
        organizations = {user.home for user in self.users.values() if user.home}
        organizations |= {key.project.organization for key in self.keys.values()}
        organizations |= {project.location.organization for project in self.projects.values()}
        organizations |= set(self.organizations.values())
        self.defaults = fetch_default_projects(organizations)
        self.access = AccessHistory(self.users.values(), organizations) if self.users else None

    def resolve(self, reference: ActorReference, day: dt.date) -> ResolvedActor | RejectedEvent:
        """Returns the actor of an event on a UTC day, or why the event is rejected."""
        if reference.api_key:
            return self.resolve_key(reference)
        if reference.user:
            return self.resolve_user(reference, day)
        message = "Name who used it: send api_key_id or user_id."
        return RejectedEvent(Rejection("missing", "api_key_id", message))

    def resolve_key(self, reference: ActorReference) -> ResolvedActor | RejectedEvent:
        redundant = {
            "user_id": reference.user,
            "project_id": reference.project,
            "organization_id": reference.organization,
        }
        for param, value in redundant.items():
            if value:
                message = f"An API key belongs to one project, so omit {param}."
                return RejectedEvent(Rejection("invalid", param, message))
        key = self.keys.get(reference.api_key or "")
        if key is None:
            message = f"There is no API key {reference.api_key}."
            return RejectedEvent(Rejection("not_found", "api_key_id", message))
        default = self.defaults[key.project.organization]
        return ResolvedActor(AttributionInput(default, key.project, by_key=True), api_key=key.pk)

    def resolve_user(
        self, reference: ActorReference, day: dt.date
    ) -> ResolvedActor | RejectedEvent:
        user = self.users.get(reference.user or "")
        if user is None:
            message = f"There is no user {reference.user}."
            return RejectedEvent(Rejection("not_found", "user_id", message))
        if reference.project:
            return self.resolve_project_user(reference, user, day)
        return self.resolve_session_user(reference, user, day)

    def resolve_project_user(
        self, reference: ActorReference, user: UserRow, day: dt.date
    ) -> ResolvedActor | RejectedEvent:
        """Resolves a user with a token that is scoped to a project."""
        assert self.access is not None
        project = self.projects.get(reference.project or "")
        if project is None:
            return RejectedEvent(reject_access("project_id", reference.project))
        location, is_default = project
        organization = location.organization
        named = reference.organization
        if named and self.organizations.get(named) != organization:
            message = "organization_id does not match the project's organization. Omit it."
            return RejectedEvent(Rejection("invalid", "organization_id", message))
        role = self.access.find_role(user, organization, day)
        home = self.defaults.get(user.home) if user.home and role is None else None
        subject = AttributionInput(
            self.defaults[organization], location, in_session=True, home=home
        )
        actor = ResolvedActor(subject, user=user.pk)
        listed = self.access.is_collaborator(user, location.project, day)
        collaboration = ProjectRole.MEMBER if listed else None
        if project_role(role, collaboration, is_default=is_default):
            return actor
        return RejectedEvent(reject_access("project_id", reference.project), actor)

    def resolve_session_user(
        self, reference: ActorReference, user: UserRow, day: dt.date
    ) -> ResolvedActor | RejectedEvent:
        """Resolves a user without a project, in a session of an organization or of their home."""
        assert self.access is not None
        organization = user.home
        if reference.organization:
            organization = self.organizations.get(reference.organization)
        rejection = reject_access("organization_id", reference.organization)
        if organization is None:
            if not reference.organization:
                message = "The user has no home organization: send organization_id."
                rejection = Rejection("invalid", "user_id", message)
            return RejectedEvent(rejection)
        subject = AttributionInput(self.defaults[organization], in_session=True)
        actor = ResolvedActor(subject, user=user.pk)
        if organization == user.home or self.access.find_role(user, organization, day):
            return actor
        return RejectedEvent(rejection, actor)


class AccessHistory:
    """What users have, or had, access to: current rows, and periods that have ended.

    Periods are read only when a user without current access comes up.
    """

    def __init__(self, users: Iterable[UserRow], organizations: Collection[OrganizationId]) -> None:
        self.users, self.organizations = [user.pk for user in users], organizations
        memberships = Membership.objects.filter(user__in=self.users)
        self.roles = {
            (user, organization): role
            for user, organization, role in memberships.values_list(
                "user_id", "organization_id", "role"
            )
        }
        collaborators = Collaborator.objects.filter(user__in=self.users)
        self.end_dates = {
            (user, project): end
            for user, project, end in collaborators.values_list("user_id", "project_id", "end_date")
        }

    def find_role(self, user: UserRow, organization: OrganizationId, day: dt.date) -> str | None:
        """Returns the current role in an organization, or the first that ended on `day` or later."""
        if role := self.roles.get((user.pk, organization)):
            return role
        periods = self.membership_periods.get((user.pk, organization), ())
        return next((role for last_day, role in periods if last_day >= day), None)

    def is_collaborator(self, user: UserRow, project: ProjectId, day: dt.date) -> bool:
        """Whether the user is a collaborator of the project, or was on `day` or later."""
        if (user.pk, project) in self.end_dates:
            end = self.end_dates[user.pk, project]
            return end is None or end >= day
        last_days = self.collaboration_periods.get((user.pk, project), ())
        return any(last_day >= day for last_day in last_days)

    @cached_property
    def membership_periods(self) -> dict[tuple[int, int], list[tuple[dt.date, str]]]:
        """Last UTC day and role of the memberships that have ended, the oldest first."""
        periods = defaultdict(list)
        rows = MembershipPeriod.objects.filter(
            user__in=self.users, organization__in=self.organizations, ended_at__isnull=False
        ).order_by("ended_at")
        for user, organization, ended_at, role in rows.values_list(
            "user_id", "organization_id", "ended_at", "role"
        ):
            periods[user, organization].append((find_last_day(ended_at), role))
        return periods

    @cached_property
    def collaboration_periods(self) -> dict[tuple[int, int], list[dt.date]]:
        """The last UTC days of the collaborations that have ended."""
        periods = defaultdict(list)
        rows = CollaborationPeriod.objects.filter(
            user__in=self.users,
            project__organization__in=self.organizations,
            ended_at__isnull=False,
        )
        for user, project, ended_at in rows.values_list("user_id", "project_id", "ended_at"):
            periods[user, project].append(find_last_day(ended_at))
        return periods


def find_last_day(ended_at: dt.datetime | None) -> dt.date:
    """Returns the last UTC day of a period that has ended; one that ends at midnight ends the day before."""
    assert ended_at is not None
    return (ended_at.astimezone(dt.UTC) - dt.timedelta(microseconds=1)).date()


def reject_access(param: str, reference: str | None) -> Rejection:
    """Rejects a reference. Nonexistent ones get the same answer, which reveals nothing of others."""
    return Rejection("no_access", param, f"{param}: the user had no access to {reference}.")
