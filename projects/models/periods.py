"""Periods of access to projects; see `accounts.models.periods`."""

from django.db import models
from django.db.models import F, Q

from accounts.constraints import choice_constraint
from accounts.fields import NameField
from accounts.models import User
from accounts.models.periods import PeriodQuerySet
from accounts.permissions import ProjectRole
from projects.models.project import Project


class CollaborationPeriod(models.Model):
    """The time for which a user had one role in a project."""

    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, related_name="collaboration_periods"
    )
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="collaboration_periods")
    role = models.CharField(max_length=10, choices=ProjectRole.choices)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True)
    # The project's name when the period ended; empty until then. People who left don't learn later names.
    project_name = NameField(blank=True, db_default="", editable=False)

    objects = PeriodQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "project"],
                condition=Q(ended_at__isnull=True),
                name="collaborationperiod_one_open",
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")),
                name="collaborationperiod_ends_after_start",
            ),
            choice_constraint("role", ProjectRole, "collaborationperiod"),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.project} since {self.started_at:%Y-%m-%d}"
