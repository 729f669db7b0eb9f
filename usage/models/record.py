"""Usage records: what was used and when, and by which event. Append-only.

Rows are lean because there are many: what records share is in their series, the only index finds retries,
and the database does not check foreign keys row by row. A trigger checks whole statements instead.
"""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.models import Organization
from keys.models import ServiceCredential
from usage.models.series import Series

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


class FormerColumns(models.Model):
    """What records held themselves before there were series (docs/decisions/0028).

    Only the version before writes and reads these columns. Later records leave them NULL, which costs no
    space, and the next version drops them.
    """

    former_organization = models.BigIntegerField(null=True, db_column="organization_id")
    former_project = models.BigIntegerField(null=True, db_column="project_id")
    former_intended_project = models.BigIntegerField(null=True, db_column="meant_project_id")
    former_line_item = models.BigIntegerField(null=True, db_column="line_item_id")
    former_model = models.BigIntegerField(null=True, db_column="model_id")
    former_unit_price = models.BigIntegerField(null=True, db_column="unit_price")
    former_api_key = models.BigIntegerField(null=True, db_column="api_key_id")
    former_user = models.BigIntegerField(null=True, db_column="user_id")
    former_reason = models.PositiveSmallIntegerField(null=True, db_column="reason")
    former_kind = models.PositiveSmallIntegerField(null=True, db_column="kind")
    former_requests = models.SmallIntegerField(null=True, db_column="requests")

    class Meta:
        abstract = True


class UsageRecord(FormerColumns):
    """One line item of one event, or a change to it, whose `original` is the record that it changes.

    quantity is in 10⁻⁶ units, cost in 10⁻¹⁰ USD. A correction has the time of the original. The intended
    organization is that of the series, repeated because event ids are unique within it.
    """

    # The database allows NULL, for the records of the version before until `migrate` has found their series.
    series = models.ForeignKey(Series, **LEAN)
    intended_organization = models.ForeignKey(
        Organization, db_column="meant_organization_id", **LEAN
    )
    source = models.ForeignKey(UsageSource, **LEAN)
    event_id = models.CharField(max_length=EVENT_ID_LENGTH)
    # A digest of the content as it was sent, which tells a duplicate from a conflict.
    digest = models.BinaryField(max_length=16)
    time = models.DateTimeField()
    quantity = models.BigIntegerField()
    cost = models.BigIntegerField()
    original = models.ForeignKey("self", null=True, **LEAN)
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


class SeriesWalk(models.Model):
    """How far `migrate` has come in finding the series of records that the version before wrote.

    There is one row. `reached` is the primary key of the last record looked at.
    """

    reached = models.BigIntegerField(default=0)
    finished_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"reached {self.reached}"
