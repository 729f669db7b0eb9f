"""The audit log: events in hash chains, one chain per organization."""

import datetime as dt
import hashlib
import json
import re
import secrets
from dataclasses import dataclass
from typing import Any, Self

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone

from accounts.crypto.peppers import PEPPER_ID_LENGTH, Pepper, peppers
from accounts.enums import Action
from accounts.fields import PublicIdField
from accounts.models.organization import Organization
from accounts.models.user import User
from accounts.searching import LongSearchTextField

# Moments in the values of events, as `isoformat` writes them.
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]{8,15}[+-]\d\d:\d\d\Z")
HASH_LENGTH = 64  # hexadecimal characters of SHA-256
# The fields that the hash covers, by hash version. Version 1 included email addresses and IP addresses.
HASHED_FIELDS = {
    1: (
        "sequence", "public_id", "organization_id", "act", "actor_id", "actor_label",
        "target_id", "target_label", "before", "after", "ip", "request_id",
    ),
    2: (
        "sequence", "public_id", "organization_id", "act", "actor_kind", "actor_id", "actor_label",
        "credential", "target_id", "target_label", "before", "after", "ip", "request_id",
        "hash_version", "pepper_id", "personal_digest",
    ),
}  # fmt: skip
HASH_VERSION = 2
SALT_LENGTH = 32  # hexadecimal characters: 128 random bits
AGENT_LENGTH = 200
PERSONAL_FIELDS = ("salt", "actor_label", "target_label", "before", "after", "ip", "agent")


def act_choices() -> list[tuple[str, str]]:
    """Called by the field, so that migrations do not list every action."""
    return Action.choices


def new_salt() -> str:
    return secrets.token_hex(SALT_LENGTH // 2)


@dataclass(frozen=True)
class Change:
    """A changed value: `before` (if it `had` one) and `after`."""

    name: str
    had: bool
    before: str
    after: str


def format_value(value: object) -> str:
    """Returns a stored value as text for people."""
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, dict):
        value = [f"{name} ({given})" for name, given in value.items()]
    if isinstance(value, list):
        return ", ".join(map(str, value)) or "none"
    if isinstance(value, str) and MOMENT.match(value):
        return f"{dt.datetime.fromisoformat(value).astimezone(dt.UTC):%Y-%m-%d %H:%M} UTC"
    return "none" if value in (None, "") else str(value)


class AuditChain(models.Model):
    """The end of one organization's chain of audit events; without an organization, of all other events.

    Appending an event locks this row, so that sequence numbers have no gaps.
    """

    organization = models.OneToOneField(
        Organization, on_delete=models.PROTECT, null=True, related_name="audit_chain"
    )
    length = models.PositiveBigIntegerField(default=0)
    head = models.CharField(max_length=HASH_LENGTH, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.Value(1), condition=Q(organization__isnull=True), name="auditchain_one_rest"
            )
        ]

    def __str__(self) -> str:
        return f"audit log of {self.organization or 'the console'}"


class AuditEventQuerySet(models.QuerySet["AuditEvent"]):
    def with_personal_data(self) -> Self:
        """Loads the personal data of each event, unless it was erased."""
        return self.select_related("stored_personal_data")


class AuditEvent(models.Model):
    """A recorded action, written in its transaction. Triggers refuse to change or delete it.

    `hash` is an HMAC under the pepper of the event and of the previous hash in its chain: write access to
    the database is not enough to forge a chain. Email addresses, the IP address and the agent are in
    `PersonalData`. The event has only their salted digest, so that they can be erased while the chain can
    still be verified.
    """

    public_id = PublicIdField("event")
    chain = models.ForeignKey(AuditChain, on_delete=models.PROTECT, related_name="events")
    sequence = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=HASH_LENGTH)
    # Database defaults, because the previous release still writes version 1 while this one is rolled out.
    hash_version = models.PositiveSmallIntegerField(default=HASH_VERSION, db_default=1)
    pepper_id = models.CharField(max_length=PEPPER_ID_LENGTH, blank=True, db_default="")
    personal_digest = models.CharField(max_length=HASH_LENGTH, blank=True, db_default="")
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, related_name="audit_events"
    )
    act = models.CharField(max_length=40, choices=act_choices)
    actor_kind = models.CharField(max_length=20, blank=True, db_default="")
    actor = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="audit_events"
    )
    actor_label = models.CharField(max_length=254)
    # The credential that the actor used: "session", or the public id of a token.
    credential = models.CharField(max_length=60, blank=True, db_default="")
    target_id = models.CharField(max_length=60)
    target_label = models.CharField(max_length=254)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)
    ip = models.GenericIPAddressField(null=True)
    request_id = models.CharField(max_length=40, blank=True)

    objects = AuditEventQuerySet.as_manager()

    # Set by `accounts.audit.people.add_names`, for people who read the log.
    actor_person = ""
    actor_credential = ""
    target_person = ""

    class Meta:
        constraints = [
            # A pattern instead of a list: a new action must not require a migration of the largest table.
            models.CheckConstraint(
                condition=Q(act__contains=".")
                & ~Q(act__startswith=".")
                & ~Q(act__endswith=".")
                & Q(act=Lower("act")),
                name="auditevent_act_pattern",
            ),
            models.UniqueConstraint(fields=["chain", "sequence"], name="auditevent_in_sequence"),
        ]
        # Pages walk a chain from its end, for all events or for one actor, action or target.
        indexes = [
            models.Index(fields=["chain", "at"], name="auditevent_by_time"),
            models.Index(fields=["chain", "actor", "sequence"], name="auditevent_by_actor"),
            models.Index(fields=["chain", "act", "sequence"], name="auditevent_by_act"),
            models.Index(fields=["chain", "target_id", "sequence"], name="auditevent_by_target"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name}: {self.act} {self.target_name}"

    @property
    def personal_data(self) -> "PersonalData":
        """The personal data; empty if there was none or it was erased."""
        try:
            return self.stored_personal_data
        except PersonalData.DoesNotExist:
            return PersonalData()

    @property
    def actor_name(self) -> str:
        return self.actor_label or self.personal_data.actor_label

    @property
    def target_name(self) -> str:
        return self.target_label or self.personal_data.target_label

    @property
    def client_ip(self) -> str | None:
        return self.ip or self.personal_data.ip

    @property
    def agent(self) -> str:
        """The User-Agent header; empty for commands, and if personal data was erased."""
        return self.personal_data.agent

    @property
    def values_before(self) -> dict[str, Any]:
        return {**self.before, **self.personal_data.before}

    @property
    def values_after(self) -> dict[str, Any]:
        return {**self.after, **self.personal_data.after}

    @property
    def changes(self) -> list[Change]:
        """The values that the action changed, as text for people, without those that stayed the same."""
        before, after = self.values_before, self.values_after
        names = [
            name
            for name in dict.fromkeys([*before, *after])
            if name not in before or name not in after or before[name] != after[name]
        ]
        return [
            Change(
                name.replace("_", " "),
                name in before,
                format_value(before.get(name)),
                format_value(after.get(name)),
            )
            for name in names
        ]

    def hash_after(self, previous: str, pepper: Pepper) -> str:
        """Returns the hash under `pepper` if the event before has the hash `previous` ('' for the first)."""
        return chained_hash(self, previous, pepper)

    def is_authentic(self, previous: str) -> bool:
        """Returns whether the event and its predecessor are unchanged, under a configured pepper.

        Events of version 1 do not name their pepper, so every configured one is tried.
        """
        candidates = [pepper for pepper in peppers() if self.pepper_id in ("", pepper.id)]
        return any(self.hash == self.hash_after(previous, pepper) for pepper in candidates)

    @property
    def is_personal_data_authentic(self) -> bool:
        """Whether the personal data is unchanged or was erased."""
        personal = self.personal_data
        return personal.pk is None or personal.digest() == self.personal_digest


class PersonalData(models.Model):
    """The personal data of an event: email addresses, and where the request came from.

    Rows can be deleted but not changed; a trigger refuses it.
    """

    event = models.OneToOneField(
        AuditEvent,
        on_delete=models.DO_NOTHING,  # events are never deleted
        primary_key=True,
        related_name="stored_personal_data",
    )
    salt = models.CharField(max_length=SALT_LENGTH, default=new_salt)
    actor_label = models.CharField(max_length=254, blank=True)
    target_label = models.CharField(max_length=254, blank=True)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    ip = models.GenericIPAddressField(null=True)
    agent = models.CharField(max_length=AGENT_LENGTH, blank=True)
    # Not in the digest: it is derived. Events of earlier versions have none and are searched as stored.
    search_text = LongSearchTextField("searched_target", "searched_actor", "searched_values")

    class Meta:
        db_table = "accounts_auditpersonaldata"
        # Finds the events of an address without a user, in an organization's chain.
        indexes = [models.Index(fields=["actor_label"], name="auditpersonaldata_by_actor")]

    def __str__(self) -> str:
        return f"personal data of {self.event_id}"

    @property
    def searched_target(self) -> str:
        return self.event.target_name

    @property
    def searched_actor(self) -> str:
        return self.event.actor_name

    @property
    def searched_values(self) -> str:
        """The values before and after, with letters as they are instead of JSON's escapes."""
        values = [self.event.values_before, self.event.values_after]
        return json.dumps(values, ensure_ascii=False, cls=DjangoJSONEncoder)

    def digest(self) -> str:
        """Returns the salted SHA-256 of the content, in hexadecimal."""
        content = {name: getattr(self, name) for name in PERSONAL_FIELDS}
        text = json.dumps(content, sort_keys=True, cls=DjangoJSONEncoder)
        return hashlib.sha256(f"personal\x00{text}".encode()).hexdigest()


def chained_hash(event: Any, previous: str, pepper: Pepper) -> str:
    """Returns the HMAC-SHA256 of the event's content and the previous hash, in hexadecimal."""
    content = {name: getattr(event, name) for name in HASHED_FIELDS[event.hash_version]}
    # Both databases keep microseconds; the text must not depend on the notation of the time zone.
    content["at"] = round(event.at.timestamp() * 1_000_000)
    text = json.dumps(content, sort_keys=True, cls=DjangoJSONEncoder)
    return pepper.hmac(f"audit\x00{previous}\x00{text}".encode()).hex()
