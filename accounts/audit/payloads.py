"""Parameters and response bodies of the audit log. Source: OpenAI's Administration API."""

from typing import Annotated, Any, Literal, Self

import msgspec
from msgspec import UNSET, Meta, UnsetType

from accounts.audit.event_types import NAMES, format_event_type
from accounts.audit.scopes import EventProject
from accounts.enums import Action, PrincipalKind
from accounts.models import AuditEvent
from accounts.web.api.listing import RangeParameters
from accounts.web.api.payloads import (
    EmailAddress,
    Payload,
    ProjectId,
    ProjectName,
    UnixTime,
    describe_id,
    format_unix,
)

EventId = Annotated[str, describe_id("event", "6Yc0pWn3RtVq8LbXkZ1M")]
MOST_VALUES = 100
LATEST = 253_402_300_799  # the last second of the year 9999
Seconds = Annotated[int, Meta(ge=0, le=LATEST, description="In Unix seconds.")]


def describe_filter(text: str) -> Meta:
    """Returns the metadata of a parameter that is a list of values to filter by."""
    return Meta(max_length=MOST_VALUES, description=text)


class AuditParameters(RangeParameters, frozen=True):
    after_time: Seconds | None = msgspec.field(name="effective_at[gt]", default=None)
    from_time: Seconds | None = msgspec.field(name="effective_at[gte]", default=None)
    before_time: Seconds | None = msgspec.field(name="effective_at[lt]", default=None)
    until_time: Seconds | None = msgspec.field(name="effective_at[lte]", default=None)
    project_ids: Annotated[
        list[str], describe_filter("Only events about these projects and what is in them.")
    ] = msgspec.field(name="project_ids[]", default_factory=list)
    event_types: Annotated[list[str], describe_filter("Only events of these types.")] = (
        msgspec.field(name="event_types[]", default_factory=list)
    )
    actor_ids: Annotated[
        list[str], describe_filter("Only what these people or credentials did, by their ids.")
    ] = msgspec.field(name="actor_ids[]", default_factory=list)
    actor_emails: Annotated[
        list[str], describe_filter("Only what people with these email addresses did.")
    ] = msgspec.field(name="actor_emails[]", default_factory=list)
    resource_ids: Annotated[
        list[str], describe_filter("Only events about the objects with these ids.")
    ] = msgspec.field(name="resource_ids[]", default_factory=list)
    tenant_only: Annotated[bool, Meta(description="Not supported: false, or left out.")] = False


class ActorUser(Payload, frozen=True):
    id: str | None
    email: Annotated[EmailAddress, Meta(description="The email address at the time.")]


class ActorAccount(Payload, frozen=True):
    id: str
    name: str


class ActorSession(Payload, frozen=True):
    user: ActorUser
    ip_address: str | None
    user_agent: str | None


class ActorKey(Payload, frozen=True):
    """The token or admin API key that was used."""

    id: str
    type: Literal["user", "service_account"] | None
    user: ActorUser | None = None
    service_account: ActorAccount | None = None


class AuditActor(Payload, frozen=True, kw_only=True):
    """Who did it, and from where. `type` is null for the console itself."""

    type: Literal["session", "api_key"] | None
    console_type: Annotated[PrincipalKind | None, Meta(description="Null in old events.")]
    name: Annotated[str, Meta(description="The email address at the time, or the name.")]
    session: ActorSession | None = None
    api_key: ActorKey | None = None
    ip_address: str | None
    user_agent: str | None

    @classmethod
    def of_event(cls, event: AuditEvent, account: str | None) -> Self:
        user = ActorUser(event.actor.public_id, event.actor_name) if event.actor else None
        kind = PrincipalKind(event.actor_kind) if event.actor_kind in PrincipalKind.values else None
        uses_key = event.credential not in ("", "session")
        place = (event.client_ip, event.agent or None)
        session = ActorSession(user, *place) if user and not uses_key else None
        return cls(
            type="api_key" if uses_key else "session" if session else None,
            console_type=kind,
            name=event.actor_name,
            session=session,
            api_key=describe_key(event, user, account) if uses_key else None,
            ip_address=place[0],
            user_agent=place[1],
        )


def describe_key(event: AuditEvent, user: ActorUser | None, account: str | None) -> ActorKey:
    """Returns the credential of an event that was not done in a session."""
    if account:
        named = ActorAccount(account, event.actor_name)
        return ActorKey(event.credential, "service_account", service_account=named)
    return ActorKey(event.credential, "user" if user else None, user=user)


class AuditProject(Payload, frozen=True):
    id: ProjectId
    name: ProjectName


class AuditTarget(Payload, frozen=True):
    id: str
    name: Annotated[str, Meta(description="The name at the time.")]


class Details(Payload, frozen=True):
    """The details of an event, by the name of its type."""

    id: str
    data: dict[str, Any] | UnsetType = UNSET
    changes_requested: dict[str, Any] | UnsetType = UNSET

    @classmethod
    def of_event(cls, event: AuditEvent, name: str) -> Self:
        if name.endswith(".updated"):
            return cls(event.target_id, changes_requested=event.values_after)
        if name == "invite.sent":
            return cls(event.target_id, {"email": event.target_name, **event.values_after})
        return cls(event.target_id, event.values_after or UNSET)


OptionalDetails = Details | UnsetType


class AuditEventObject(Payload, frozen=True, kw_only=True):
    """An action in the organization.

    Types that OpenAI's API also has come with details under the name of the type. `console_type` is the
    console's own, more exact name of the type.
    """

    object: Literal["organization.audit_log"] = "organization.audit_log"
    id: EventId
    type: Annotated[str, Meta(examples=["project.created"])]
    console_type: Annotated[str, Meta(examples=["project.created"])]
    effective_at: UnixTime
    sequence: Annotated[int, Meta(description="Counts the organization's events, without gaps.")]
    actor: AuditActor
    project: AuditProject | None
    target: AuditTarget
    before: dict[str, Any]
    after: dict[str, Any]
    request_id: str | None
    hash: Annotated[str, Meta(description="The hash of this event and all events before it.")]
    api_key_created: OptionalDetails = msgspec.field(name="api_key.created", default=UNSET)
    api_key_deleted: OptionalDetails = msgspec.field(name="api_key.deleted", default=UNSET)
    api_key_updated: OptionalDetails = msgspec.field(name="api_key.updated", default=UNSET)
    invite_accepted: OptionalDetails = msgspec.field(name="invite.accepted", default=UNSET)
    invite_deleted: OptionalDetails = msgspec.field(name="invite.deleted", default=UNSET)
    invite_sent: OptionalDetails = msgspec.field(name="invite.sent", default=UNSET)
    login_failed: OptionalDetails = msgspec.field(name="login.failed", default=UNSET)
    login_succeeded: OptionalDetails = msgspec.field(name="login.succeeded", default=UNSET)
    organization_updated: OptionalDetails = msgspec.field(
        name="organization.updated", default=UNSET
    )
    project_archived: OptionalDetails = msgspec.field(name="project.archived", default=UNSET)
    project_created: OptionalDetails = msgspec.field(name="project.created", default=UNSET)
    project_updated: OptionalDetails = msgspec.field(name="project.updated", default=UNSET)
    service_account_created: OptionalDetails = msgspec.field(
        name="service_account.created", default=UNSET
    )
    service_account_deleted: OptionalDetails = msgspec.field(
        name="service_account.deleted", default=UNSET
    )
    service_account_updated: OptionalDetails = msgspec.field(
        name="service_account.updated", default=UNSET
    )
    user_added: OptionalDetails = msgspec.field(name="user.added", default=UNSET)
    user_deleted: OptionalDetails = msgspec.field(name="user.deleted", default=UNSET)
    user_updated: OptionalDetails = msgspec.field(name="user.updated", default=UNSET)

    @classmethod
    def of_event(cls, event: AuditEvent, project: EventProject | None, account: str | None) -> Self:
        """Returns the event. `account` is the public id of the service account that acted, or None."""
        name = format_event_type(event.act)
        details: dict[str, Any] = {}
        if event.act in NAMES and event.act != Action.ACCOUNT_DELETED:
            details[name.replace(".", "_")] = Details.of_event(event, name)
        return cls(
            id=event.public_id,
            type=name,
            console_type=event.act,
            effective_at=format_unix(event.at),
            sequence=event.sequence,
            actor=AuditActor.of_event(event, account),
            project=AuditProject(*project) if project else None,
            target=AuditTarget(event.target_id, event.target_name),
            before=event.values_before,
            after=event.values_after,
            request_id=event.request_id or None,
            hash=event.hash,
            **details,
        )
