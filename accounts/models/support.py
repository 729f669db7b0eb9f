"""What organizations ask of support staff."""

from django.db import models
from django.utils import timezone

from accounts.constraints import one_of
from accounts.enums import SupportRequestKind, SupportRequestState
from accounts.fields import PublicIdField
from accounts.models.organization import Organization
from accounts.models.user import User


class SupportRequest(models.Model):
    """A wish for more projects or for external collaborators; staff answer it in Django admin."""

    public_id = PublicIdField("request")
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="support_requests"
    )
    kind = models.CharField(max_length=10, choices=SupportRequestKind.choices)
    reason = models.TextField(max_length=2000)
    asked_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="support_requests")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    state = models.CharField(
        max_length=10, choices=SupportRequestState.choices, default=SupportRequestState.PENDING
    )

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "kind"],
                condition=models.Q(state=SupportRequestState.PENDING),
                name="supportrequest_one_pending",
            ),
            one_of("kind", SupportRequestKind, "supportrequest"),
            one_of("state", SupportRequestState, "supportrequest"),
        ]

    def __str__(self) -> str:
        return f"{self.organization}: {self.get_kind_display()}"
