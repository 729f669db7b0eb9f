"""Tokens of service accounts, with which programs act as one."""

from collections.abc import Iterable
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action
from accounts.fields import PublicIdField
from accounts.models import Organization, User
from accounts.models.principals import Principal
from keys.models.hashed import ExpiringSecret, ExpiringSecretQuerySet
from projects.models import ServiceAccount


class AccountTokenQuerySet(ExpiringSecretQuerySet):
    def in_full(self) -> Self:
        """Adds the service account, its project and its organization, and who created the token."""
        return self.select_related("service_account__project__organization", "created_by")

    def in_organization(self, organization: Organization) -> Self:
        return self.filter(service_account__project__organization=organization)

    def list_descendants(self, credentials: Iterable[str]) -> "list[AccountToken]":
        """Returns the tokens created with credentials of these ids, with those created in turn, also if
        those are over."""
        created, newest = list["AccountToken"](), list(credentials)
        while newest:
            rows = list(self.in_full().filter(created_with__in=newest).order_by("pk"))
            newest = [row.public_id for row in rows]
            created += rows
        return created

    def revoke_all(self, actor: Actor) -> int:
        """Revokes the tokens for good, and returns how many."""
        tokens = list(self.unrevoked().in_full().order_by("pk"))
        for token in tokens:
            token.revoke(actor)
        return len(tokens)


class AccountToken(ExpiringSecret):
    """A token with which a program acts as a service account. What it gives access to is read at each use."""

    public_id = PublicIdField("svctok")
    service_account = models.ForeignKey(
        ServiceAccount, on_delete=models.PROTECT, related_name="tokens"
    )
    # The person who created it, if one did, and the public id of the credential used; empty for a session.
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    created_with = models.CharField(max_length=40, blank=True, editable=False)

    objects = AccountTokenQuerySet.as_manager()

    class Meta:
        verbose_name = "service account token"
        constraints = [
            models.UniqueConstraint(
                fields=["service_account", "name"],
                condition=Q(revoked_at__isnull=True),
                name="accounttoken_name_once_unrevoked",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")),
                name="accounttoken_expires_after_creation",
            ),
        ]
        indexes = [
            models.Index(
                fields=["service_account", "created_at", "id"], name="accounttoken_by_created"
            )
        ]

    @property
    def label(self) -> str:
        """The token's name in the audit log."""
        return f"{self.name} of {self.service_account.label}"

    @property
    def principal(self) -> Principal:
        return self.service_account.make_principal(self.public_id)

    def revoke(self, actor: Actor, **change: Any) -> None:
        """Revokes the token for good, from the next request on."""
        self.revoked_at = timezone.now()
        self.save(update_fields=["revoked_at"])
        self.record_event(actor, Action.ACCOUNT_TOKEN_REVOKED, **change)

    def record_event(self, actor: Actor, action: Action, **change: Any) -> None:
        """Records an action on the token in the audit log, never with its secret."""
        organization = self.service_account.project.organization
        record(actor, action, organization=organization, target=self, label=self.label, **change)
