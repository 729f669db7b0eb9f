"""The audit log: who did what to what, when, from where, before and after, in chains of hashes."""

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

# As `isoformat` writes the moments that acts keep.
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]{8,15}[+-]\d\d:\d\d\Z")
HASH_LENGTH = 64  # hexadecimal characters of SHA-256
# What the hash covers, by the version of the event. Version 1 had email addresses and IPs among it.
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
    """One value of an act: what it was (if there `had` been one) and what it is."""

    name: str
    had: bool
    before: str
    after: str


def format_value(value: object) -> str:
    """A stored value as a person reads it."""
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

    Its row is locked by whoever adds an event, so that the numbers have no holes.
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
        """Each with its personal part, where that was not forgotten."""
        return self.select_related("stored_personal_data")


class AuditEvent(models.Model):
    """One action, written in the transaction that did it. Triggers refuse to change or delete it.

    `hash` covers the event and the hash of the one before it in its chain, under the pepper: whoever
    can write to the database alone cannot make another chain that verifies. Email addresses, the IP and the
    agent stand in `PersonalData`; here is only their salted digest, so that they can be forgotten while
    the chain still verifies.
    """

    public_id = PublicIdField("event")
    chain = models.ForeignKey(AuditChain, on_delete=models.PROTECT, related_name="events")
    sequence = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=HASH_LENGTH)
    # Database defaults: the version before still writes events of version 1 while this one is rolled out.
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
    # Which credential the actor used: "session", or the public id of a token.
    credential = models.CharField(max_length=60, blank=True, db_default="")
    target_id = models.CharField(max_length=60)
    target_label = models.CharField(max_length=254)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)
    ip = models.GenericIPAddressField(null=True)
    request_id = models.CharField(max_length=40, blank=True)

    objects = AuditEventQuerySet.as_manager()

    class Meta:
        constraints = [
            # A pattern, so that a new action needs no migration of the largest table there is.
            models.CheckConstraint(
                condition=Q(act__contains=".")
                & ~Q(act__startswith=".")
                & ~Q(act__endswith=".")
                & Q(act=Lower("act")),
                name="auditevent_act_pattern",
            ),
            models.UniqueConstraint(fields=["chain", "sequence"], name="auditevent_in_sequence"),
        ]
        # The pages walk a chain from its end, alone or for one actor, action or target.
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
        """The personal part; an empty one where there was none or it was forgotten."""
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
    def values_before(self) -> dict[str, Any]:
        return {**self.before, **self.personal_data.before}

    @property
    def values_after(self) -> dict[str, Any]:
        return {**self.after, **self.personal_data.after}

    @property
    def changes(self) -> list[Change]:
        """What is different after the action, for people to read."""
        before, after = self.values_before, self.values_after
        names = list(dict.fromkeys([*before, *after]))
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
        """What `hash` is under `pepper` when the event before has the hash `previous` ('' for the first)."""
        return chained_hash(self, previous, pepper)

    def is_authentic(self, previous: str) -> bool:
        """Whether event and predecessor are what was written, under a pepper that is known.

        Events of version 1 do not say under which.
        """
        candidates = [each for each in peppers() if self.pepper_id in ("", each.id)]
        return any(self.hash == self.hash_after(previous, each) for each in candidates)

    @property
    def is_personal_data_authentic(self) -> bool:
        """Whether the personal part is what was written, or was forgotten."""
        personal = self.personal_data
        return personal.pk is None or personal.digest() == self.personal_digest


class PersonalData(models.Model):
    """What of an event is about people: email addresses, and where a request came from.

    A row may be deleted, never changed (a trigger refuses it).
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

    class Meta:
        db_table = "accounts_auditpersonaldata"

    def __str__(self) -> str:
        return f"personal data of {self.event_id}"

    def digest(self) -> str:
        """The salted SHA-256 of its content, in hexadecimal."""
        content = {name: getattr(self, name) for name in PERSONAL_FIELDS}
        text = json.dumps(content, sort_keys=True, cls=DjangoJSONEncoder)
        return hashlib.sha256(f"personal\x00{text}".encode()).hexdigest()


def chained_hash(event: Any, previous: str, pepper: Pepper) -> str:
    """The HMAC-SHA256 of the event's content and of the hash before it, in hexadecimal."""
    content = {name: getattr(event, name) for name in HASHED_FIELDS[event.hash_version]}
    # Both databases keep microseconds; the text must not depend on how a time zone is spelled.
    content["at"] = round(event.at.timestamp() * 1_000_000)
    text = json.dumps(content, sort_keys=True, cls=DjangoJSONEncoder)
    return pepper.hmac(f"audit\x00{previous}\x00{text}".encode()).hex()
