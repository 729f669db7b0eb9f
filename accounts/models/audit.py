"""The audit trail: who did what to what, when, from where, before and after."""

from django.db import models
from django.utils import timezone

from accounts.constraints import one_of
from accounts.enums import Act
from accounts.fields import PublicIdField
from accounts.models.organization import Organization
from accounts.models.user import User


class AuditEvent(models.Model):
    """One act, written in the transaction that did it. Triggers refuse to change or delete it."""

    public_id = PublicIdField("event")
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
        constraints = [one_of("act", Act, "auditevent")]
        indexes = [models.Index(fields=["organization", "at", "id"], name="auditevent_by_time")]

    def __str__(self) -> str:
        return f"{self.actor_label}: {self.act} {self.target_label}"
