"""Usage records: what was used, the intended project, where it was billed and why. Append-only.

Rows are lean because there are many: the only index finds retries, and the database does not check foreign
keys row by row. A trigger checks whole statements instead, and the totals, which are written in the same
transaction, have the foreign keys.
"""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.constraints import choice_constraint
from accounts.models import Organization, User
from keys.models import ApiKey, ServiceCredential
from projects.models import Project
from usage.enums import Reason, RecordKind
from usage.models.catalogue import LineItem, ModelName

EVENT_ID_LENGTH = 128
# Any, or mypy would compare each use with every parameter of a field.
LEAN: Any = {
    "on_delete": models.PROTECT,
    "db_constraint": False,
    "db_index": False,
    "related_name": "+",
}


class UsageSource(models.Model):
    """What posted records: a service credential, imports for one target, or the console itself."""

    name = models.CharField(max_length=80, unique=True)
    credential = models.OneToOneField(
        ServiceCredential, on_delete=models.PROTECT, null=True, related_name="usage_source"
    )

    def __str__(self) -> str:
        return self.name


class UsageRecord(models.Model):
    """One line item of one event, or a change to it, whose `original` is the record that it changes.

    quantity is in 10⁻⁶ units, unit_price in 10⁻¹² USD, cost in 10⁻¹⁰ USD. A correction has the time of
    the original. `requests` is 1 for usage that counts as a request and −1 for a record that voids it.
    """

    organization = models.ForeignKey(Organization, **LEAN)
    project = models.ForeignKey(Project, **LEAN)
    intended_organization = models.ForeignKey(
        Organization, db_column="meant_organization_id", **LEAN
    )
    intended_project = models.ForeignKey(Project, null=True, db_column="meant_project_id", **LEAN)
    source = models.ForeignKey(UsageSource, **LEAN)
    event_id = models.CharField(max_length=EVENT_ID_LENGTH)
    # A digest of the content as it was sent, which tells a duplicate from a conflict.
    digest = models.BinaryField(max_length=16)
    time = models.DateTimeField()
    line_item = models.ForeignKey(LineItem, **LEAN)
    model = models.ForeignKey(ModelName, **LEAN)
    quantity = models.BigIntegerField()
    unit_price = models.BigIntegerField()
    cost = models.BigIntegerField()
    api_key = models.ForeignKey(ApiKey, null=True, **LEAN)
    user = models.ForeignKey(User, null=True, **LEAN)
    reason = models.PositiveSmallIntegerField(choices=Reason.choices)
    kind = models.PositiveSmallIntegerField(choices=RecordKind.choices, default=RecordKind.USAGE)
    original = models.ForeignKey("self", null=True, **LEAN)
    requests = models.SmallIntegerField(default=0)
    # JSON as it was sent, or ''; never searched.
    attributes = models.TextField(blank=True)
    note = models.CharField(max_length=200, blank=True)
    recorded_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            # The id comes first because corrections look events up by id and source alone.
            models.UniqueConstraint(
                fields=["event_id", "source", "intended_organization"],
                name="usagerecord_event_once",
            ),
            choice_constraint("reason", Reason, "usagerecord"),
            choice_constraint("kind", RecordKind, "usagerecord"),
            models.CheckConstraint(
                condition=Q(kind=RecordKind.USAGE, original__isnull=True)
                | (~Q(kind=RecordKind.USAGE) & Q(original__isnull=False)),
                name="usagerecord_points_at_usage",
            ),
            models.CheckConstraint(
                condition=Q(
                    kind__in=(RecordKind.USAGE, RecordKind.MOVED_IN), quantity__gte=0, cost__gte=0
                )
                | Q(kind__in=(RecordKind.VOID, RecordKind.MOVED_OUT), quantity__lte=0, cost__lte=0)
                | Q(kind=RecordKind.ADJUST),
                name="usagerecord_signs",
            ),
            models.CheckConstraint(
                condition=Q(unit_price__gte=0, requests__gte=-1, requests__lte=1),
                name="usagerecord_amounts_sane",
            ),
        ]
        indexes = [
            models.Index(
                fields=["original"],
                condition=Q(original__isnull=False),
                name="usagerecord_by_original",
            )
        ]

    def __str__(self) -> str:
        return self.event_id
