"""Service credentials, with which the platform's own programs (gateway, metering) identify themselves."""

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.fields import PublicIdField
from accounts.models import User
from keys.models.hashed import RevocableSecret, RevocableSecretQuerySet


class ServiceCredential(RevocableSecret):
    """A credential of the platform, which support staff create. It belongs to no organization."""

    public_id = PublicIdField("cred")
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    revoked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = RevocableSecretQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(revoked_at__isnull=True),
                name="servicecredential_name_once_unrevoked",
            )
        ]

    @property
    def state(self) -> str:
        return "Revoked" if self.revoked_at else "Active"

    def revoke(self, by: User | None) -> None:
        self.revoked_at, self.revoked_by = timezone.now(), by
        self.save(update_fields=["revoked_at", "revoked_by"])
