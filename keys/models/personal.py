"""Personal access tokens, with which scripts act as a person in an organization or one of its projects."""

import datetime as dt
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.constraints import choice_constraint
from accounts.enums import Action
from accounts.fields import PublicIdField
from accounts.models import Organization, User
from accounts.models.principals import Principal
from accounts.permissions import MEMBER_ROLES, Permission, allows
from accounts.searching import match_words
from keys.enums import TokenScope
from keys.models.hashed import ExpiringSecret, ExpiringSecretQuerySet
from keys.models.lineage import Lineage
from projects.models import Project

# How long before its end a token counts as expiring soon.
NOTICE = dt.timedelta(days=14)


class PersonalTokenQuerySet(ExpiringSecretQuerySet):
    def matching(self, text: str) -> Self:
        """Tokens with `text` in their name or hint, or in their owner's name or email address."""
        matches = match_words(text, "search_text", "user__search_text")
        return self.filter(matches | Q(hint__icontains=text))

    def in_full(self) -> Self:
        """Adds the owner and the target of each token."""
        return self.select_related("user", "organization", "project")

    def revoke_all(self, actor: Actor) -> int:
        """Revokes the tokens for good, and returns how many."""
        tokens = list(self.unrevoked().in_full().order_by("organization", "pk"))
        for token in tokens:
            token.revoke(actor)
        return len(tokens)

    def revoke_with_created(self, actor: Actor, organization: Organization) -> None:
        """Revokes the tokens for `organization` with the service account tokens created with them.

        Those created in turn end, too, and the pending invitations sent with any of them, also where a token
        was revoked before: its thief may have revoked it to keep the others. The organization must be
        locked.
        """
        tokens = self.filter(organization=organization)
        lineage = Lineage(organization, list(tokens))
        tokens.revoke_all(actor)
        lineage.revoke_created(actor)

    def revoke_lost(self, actor: Actor) -> int:
        """Revokes the tokens that their owner's role does not allow any more, and returns how many."""
        tokens = self.unrevoked().in_full().order_by("organization", "pk")
        lost = [token for token in tokens if not token.is_allowed]
        for token in lost:
            token.revoke(actor)
        return len(lost)

    def lock(self, pk: int) -> "PersonalToken | None":
        """Returns the token with that primary key, locked until the transaction ends, or None."""
        rows: Any = self.in_full().select_for_update(no_key=True, of=("self",)).filter(pk=pk)
        token: PersonalToken | None = rows.first()
        return token


class PersonalToken(ExpiringSecret):
    """A token with which a script acts as its owner in one organization or project.

    What it gives access to is read at each use.
    """

    public_id = PublicIdField("pat")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="personal_tokens")
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="personal_tokens"
    )
    # Null for the organization itself. A trigger ensures that the project belongs to it.
    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, null=True, related_name="personal_tokens"
    )
    scope = models.CharField(max_length=10, choices=TokenScope.choices, editable=False)
    # Written by the version before, which may still serve; FormToken has replaced it.
    form_token = models.CharField(max_length=40, null=True, unique=True, editable=False)  # noqa: DJ001
    revoked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )

    objects = PersonalTokenQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "name"],
                condition=Q(revoked_at__isnull=True),
                name="personaltoken_name_once_unrevoked",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=F("created_at")),
                name="personaltoken_expires_after_creation",
            ),
            models.CheckConstraint(
                condition=Q(revoked_by__isnull=True) | Q(revoked_at__isnull=False),
                name="personaltoken_revoked_with_a_time",
            ),
            choice_constraint("scope", TokenScope, "personaltoken"),
        ]
        indexes = [
            models.Index(
                fields=["organization", "created_at", "id"], name="personaltoken_by_created"
            )
        ]

    @property
    def label(self) -> str:
        """The token's name in the audit log."""
        return f"{self.name} of {self.user.email}"

    @property
    def target(self) -> Organization | Project:
        """What the token gives access to."""
        return self.project or self.organization

    @property
    def permission(self) -> Permission:
        """The permission that its owner needs for it, to create it and as long as it works."""
        if self.project_id:
            return Permission.PROJECT_TOKENS_MAKE
        return Permission.ORGANIZATION_TOKENS_MAKE

    @property
    def is_allowed(self) -> bool:
        """Whether its owner's present role has that permission, even where nothing can be changed now."""
        if self.project:
            role = self.project.find_role(Principal.of_absent(self.user))
        else:
            membership = self.organization.memberships.filter(user=self.user).first()
            role = MEMBER_ROLES[membership.role] if membership else None
        return role is not None and allows(role, self.permission)

    @property
    def expires_soon(self) -> bool:
        return not self.is_expired and self.expires_at <= timezone.now() + NOTICE

    def revoke(self, actor: Actor, **change: Any) -> None:
        """Revokes the token for good, from the next request on."""
        self.revoked_at, self.revoked_by = timezone.now(), actor.user
        self.save(update_fields=["revoked_at", "revoked_by"])
        self.record_event(actor, Action.TOKEN_REVOKED, **change)

    def record_event(self, actor: Actor, act: Action, **change: Any) -> None:
        """Records an action on the token in the audit log, never with its secret."""
        record(actor, act, organization=self.organization, target=self, label=self.label, **change)
