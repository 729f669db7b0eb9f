"""Series: what many usage records have in common, stored once."""

from typing import Any

from django.db import models
from django.db.models import Q, Value
from django.db.models.functions import Coalesce

from accounts.constraints import choice_constraint
from accounts.models import Organization, User
from keys.models import ApiKey
from projects.models import Project
from usage.enums import Reason, RecordKind
from usage.models.catalogue import LineItem, ModelName

# Any, or mypy would compare each use with every parameter of a field. The unique index starts with the
# organization and project, so no other is needed.
REFERENCE: Any = {"on_delete": models.PROTECT, "db_index": False, "related_name": "+"}


class Series(models.Model):
    """Who used what, where it is billed and why, at which price: the same for all records of a series.

    unit_price is in 10⁻¹² USD. `requests` is that of each record: 1 for usage that counts as a request,
    −1 for a record that voids it. Series are never changed or deleted, so workers remember their ids.
    """

    organization = models.ForeignKey(Organization, **REFERENCE)
    project = models.ForeignKey(Project, **REFERENCE)
    intended_organization = models.ForeignKey(
        Organization, db_column="meant_organization_id", **REFERENCE
    )
    intended_project = models.ForeignKey(
        Project, null=True, db_column="meant_project_id", **REFERENCE
    )
    line_item = models.ForeignKey(LineItem, **REFERENCE)
    model = models.ForeignKey(ModelName, **REFERENCE)
    unit_price = models.BigIntegerField()
    api_key = models.ForeignKey(ApiKey, null=True, **REFERENCE)
    user = models.ForeignKey(User, null=True, **REFERENCE)
    reason = models.PositiveSmallIntegerField(choices=Reason.choices)
    kind = models.PositiveSmallIntegerField(choices=RecordKind.choices)
    requests = models.SmallIntegerField()

    class Meta:
        verbose_name_plural = "series"
        constraints = [
            # NULLs would all differ.
            models.UniqueConstraint(
                *("organization", "project", "intended_organization"),
                Coalesce("intended_project", Value(0)),
                *("line_item", "model", "unit_price"),
                Coalesce("api_key", Value(0)),
                Coalesce("user", Value(0)),
                *("reason", "kind", "requests"),
                name="series_once",
            ),
            choice_constraint("reason", Reason, "series"),
            choice_constraint("kind", RecordKind, "series"),
            models.CheckConstraint(
                condition=Q(unit_price__gte=0, requests__gte=-1, requests__lte=1),
                name="series_amounts_sane",
            ),
        ]

    def __str__(self) -> str:
        return f"series {self.pk}"
