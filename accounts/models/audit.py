"""The audit trail: who did what to what, when, from where, before and after, in chains of hashes."""

import datetime as dt
import hashlib
import hmac
import json
import re
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.constraints import one_of
from accounts.enums import Act
from accounts.fields import PublicIdField
from accounts.models.organization import Organization
from accounts.models.user import User

# As `isoformat` writes the moments that acts keep.
MOMENT = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]{8,15}[+-]\d\d:\d\d\Z")
HASH_LENGTH = 64  # hexadecimal characters of SHA-256
CHAINED = (
    "sequence", "public_id", "organization_id", "act", "actor_id", "actor_label",
    "target_id", "target_label", "before", "after", "ip", "request_id",
)  # fmt: skip


@dataclass(frozen=True)
class Change:
    """One value of an act: what it was (if there `had` been one) and what it is."""

    name: str
    had: bool
    before: str
    after: str


def spoken(value: object) -> str:
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
    """The end of one organization's trail; without an organization, that of everything else.

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
        return f"trail of {self.organization or 'the console'}"


class AuditEvent(models.Model):
    """One act, written in the transaction that did it. Triggers refuse to change or delete it.

    `hash` covers the event and the hash of the one before it in its chain, under the pepper: whoever
    can write to the database alone cannot make another chain that verifies.
    """

    public_id = PublicIdField("event")
    chain = models.ForeignKey(AuditChain, on_delete=models.PROTECT, related_name="events")
    sequence = models.PositiveBigIntegerField()
    hash = models.CharField(max_length=HASH_LENGTH)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, null=True, related_name="audit_events"
    )
    act = models.CharField(max_length=40, choices=Act.choices)
    actor = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="audit_events"
    )
    actor_label = models.CharField(max_length=254)
    target_id = models.CharField(max_length=60)
    target_label = models.CharField(max_length=254)
    before = models.JSONField(default=dict)
    after = models.JSONField(default=dict)
    at = models.DateTimeField(default=timezone.now)
    ip = models.GenericIPAddressField(null=True)
    request_id = models.CharField(max_length=40, blank=True)

    class Meta:
        constraints = [
            one_of("act", Act, "auditevent"),
            models.UniqueConstraint(fields=["chain", "sequence"], name="auditevent_in_sequence"),
        ]
        # The pages walk a chain from its end, alone or for one actor, act or target.
        indexes = [
            models.Index(fields=["chain", "at"], name="auditevent_by_time"),
            models.Index(fields=["chain", "actor", "sequence"], name="auditevent_by_actor"),
            models.Index(fields=["chain", "act", "sequence"], name="auditevent_by_act"),
            models.Index(fields=["chain", "target_id", "sequence"], name="auditevent_by_target"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_label}: {self.act} {self.target_label}"

    @property
    def changes(self) -> list[Change]:
        """What is different after the act, for people to read."""
        names = list(dict.fromkeys([*self.before, *self.after]))
        return [
            Change(
                name.replace("_", " "),
                name in self.before,
                spoken(self.before.get(name)),
                spoken(self.after.get(name)),
            )
            for name in names
        ]

    def hash_after(self, previous: str) -> str:
        """What `hash` must be when the event before it has the hash `previous` ('' for the first)."""
        return chained_hash(self, previous)


def chained_hash(event: Any, previous: str) -> str:
    """The HMAC-SHA256 of the event's content and of the hash before it, in hexadecimal."""
    content = {name: getattr(event, name) for name in CHAINED}
    # Both databases keep microseconds; the text must not depend on how a time zone is spelled.
    content["at"] = round(event.at.timestamp() * 1_000_000)
    text = json.dumps(content, sort_keys=True, cls=DjangoJSONEncoder)
    message = f"audit\x00{previous}\x00{text}".encode()
    return hmac.new(settings.PEPPER.encode(), message, hashlib.sha256).hexdigest()
