"""Admin API keys, with which programs manage an organization."""

from collections.abc import Collection, Sequence
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action, InvitationState, PrincipalKind
from accounts.fields import PublicIdField
from accounts.models import Invitation, Organization, User
from accounts.models.principals import Principal
from accounts.searching import match_words
from keys.models.hashed import ExpiringSecret, ExpiringSecretQuerySet


class AdminKeyQuerySet(ExpiringSecretQuerySet):
    def matching(self, text: str) -> Self:
        """Keys with `text` in their name or hint."""
        return self.filter(match_words(text, "search_text") | Q(hint__icontains=text))

    def with_people(self) -> Self:
        return self.select_related("organization", "created_by", "created_with")

    def list_created_by(self, users: Sequence[User]) -> list["AdminKey"]:
        """Returns the live keys that these people created, directly or indirectly."""
        own = list(self.filter(created_by__in=users).order_by("pk"))
        return [key for key in [*own, *self.list_descendants(*own)] if not key.is_over]

    def list_descendants(self, *keys: "AdminKey") -> list["AdminKey"]:
        """Returns the keys that `keys` created, with those that they created in turn, ended ones too."""
        created, newest = list["AdminKey"](), list(keys)
        while newest:
            newest = list(self.filter(created_with__in=newest).order_by("pk"))
            created += newest
        return created


class AdminKey(ExpiringSecret):
    """A key with which programs do in an organization what its Admins can do.

    It belongs to the organization, so it works until it expires or is revoked, even if its creator leaves.
    """

    public_id = PublicIdField("akey")
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="admin_keys"
    )
    # The person or the admin key that created it; neither if the operator did.
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="created_admin_keys"
    )
    created_with = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, editable=False, related_name="created_keys"
    )

    objects = AdminKeyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "name"],
                condition=Q(revoked_at__isnull=True),
                name="adminkey_name_once_unrevoked",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")),
                name="adminkey_expires_after_creation",
            ),
            models.CheckConstraint(
                condition=Q(created_by__isnull=True) | Q(created_with__isnull=True),
                name="adminkey_one_creator",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "created_at", "id"], name="adminkey_by_created")
        ]

    @property
    def creator_name(self) -> str:
        """Who created it, for people."""
        if self.created_by:
            return self.created_by.name
        return f"Admin API key {self.created_with}" if self.created_with else "The operator"

    @property
    def principal(self) -> Principal:
        return Principal(PrincipalKind.ADMIN_KEY, label=self.name, credential=self.public_id)

    def revoke(self, actor: Actor, **change: Any) -> None:
        """Revokes the key for good, from the next request on, and withdraws its pending invitations."""
        self.revoked_at = timezone.now()
        self.save(update_fields=["revoked_at"])
        self.record_event(actor, Action.ADMIN_KEY_REVOKED, **change)
        withdraw_sent_invitations(actor, self.organization, [self.public_id])

    def record_event(self, actor: Actor, action: Action, **change: Any) -> None:
        """Records an action on the key in the audit log, never with its secret."""
        record(actor, action, organization=self.organization, target=self, **change)


def withdraw_sent_invitations(
    actor: Actor, organization: Organization, credentials: Collection[str], **change: Any
) -> list[Invitation]:
    """Withdraws the pending invitations sent with credentials of these public ids, and returns them.

    The organization must be locked.
    """
    sent = organization.invitations.sent_with(credentials).select_related("organization")
    invitations = list(sent.order_by("pk"))
    for invitation in invitations:
        invitation.finish(InvitationState.WITHDRAWN, actor.user)
        record(actor, Action.INVITATION_WITHDRAWN, **invitation.audit_target, **change)
    return invitations
