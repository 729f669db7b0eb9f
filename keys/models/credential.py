"""Service credentials, with which the platform's own programs (gateway, metering) identify themselves."""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.fields import NameField, PublicIdField
from accounts.models import User
from accounts.searching import Searchable, SearchTextField
from keys.models.hashed import HashedSecret, HashedSecretQuerySet


class ServiceCredentialQuerySet(HashedSecretQuerySet):
    def unrevoked(self) -> Self:
        return self.filter(revoked_at__isnull=True)


class ServiceCredential(Searchable, HashedSecret):
    """A credential of the platform, which support staff create. It belongs to no organization."""

    public_id = PublicIdField("cred")
    name = NameField()
    search_text = SearchTextField("name")
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    revoked_at = models.DateTimeField(null=True, editable=False)
    revoked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = ServiceCredentialQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["name"],
                condition=Q(revoked_at__isnull=True),
                name="servicecredential_name_once_unrevoked",
            )
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def state(self) -> str:
        return "Revoked" if self.revoked_at else "Active"

    @property
    def is_over(self) -> bool:
        return self.revoked_at is not None

    def revoke(self, by: User | None) -> None:
        self.revoked_at, self.revoked_by = timezone.now(), by
        self.save(update_fields=["revoked_at", "revoked_by"])
