"""Personal access tokens: of one person, for an organization or one of its projects."""

import datetime as dt
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.constraints import choice_constraint
from accounts.enums import Action
from accounts.fields import NameField, PublicIdField
from accounts.models import Organization, User
from keys.enums import TokenScope
from keys.models.hashed import HashedSecret, HashedSecretQuerySet
from projects.models import Project

# How long before its end a token is said to expire soon.
NOTICE = dt.timedelta(days=14)


class PersonalTokenQuerySet(HashedSecretQuerySet):
    def unrevoked(self) -> Self:
        return self.filter(revoked_at__isnull=True)

    def live(self) -> Self:
        """Those neither revoked nor expired; whether their place is open is not asked."""
        return self.unrevoked().filter(expires_at__gt=timezone.now())

    def matching(self, text: str) -> Self:
        """Those whose name or hint, or whose person's name or address, holds `text`."""
        by_person = Q(user__name__icontains=text) | Q(user__email__icontains=text)
        return self.filter(Q(name__icontains=text) | Q(hint__icontains=text) | by_person)

    def in_full(self) -> Self:
        """Each with its person and what it is for."""
        return self.select_related("user", "organization", "project")

    def lock(self, pk: int) -> "PersonalToken | None":
        """The one of these with that primary key, locked until the transaction ends."""
        found: Any = self.in_full().select_for_update(no_key=True, of=("self",)).filter(pk=pk)
        token: PersonalToken | None = found.first()
        return token


class PersonalToken(HashedSecret):
    """A token with which a script is its person, at one place. Nothing of it changes but that it is
    revoked, for good; what it opens is asked of the database at each use."""

    public_id = PublicIdField("pat")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="personal_tokens")
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="personal_tokens"
    )
    # None: for the organization itself. A trigger keeps the project one of that organization.
    project = models.ForeignKey(
        Project, on_delete=models.PROTECT, null=True, related_name="personal_tokens"
    )
    name = NameField()
    scope = models.CharField(max_length=10, choices=TokenScope.choices, editable=False)
    expires_at = models.DateTimeField(editable=False)
    # Which form made it: a form sent twice makes one token.
    form_token = models.CharField(max_length=40, null=True, unique=True, editable=False)  # noqa: DJ001
    revoked_at = models.DateTimeField(null=True, editable=False)
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

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """How the audit log names it."""
        return f"{self.name} of {self.user.email}"

    @property
    def place(self) -> Organization | Project:
        """What it is for."""
        return self.project or self.organization

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    @property
    def expires_soon(self) -> bool:
        return not self.is_expired and self.expires_at <= timezone.now() + NOTICE

    @property
    def is_over(self) -> bool:
        """Whether it is refused for good: neither comes back."""
        return self.revoked_at is not None or self.is_expired

    @property
    def may_write(self) -> bool:
        return self.scope == TokenScope.WRITE

    def revoke(self, actor: Actor, **change: Any) -> None:
        """Refused from the next request on, for good."""
        self.revoked_at, self.revoked_by = timezone.now(), actor.user
        self.save(update_fields=["revoked_at", "revoked_by"])
        self.record_event(actor, Action.TOKEN_REVOKED, **change)

    def record_event(self, actor: Actor, act: Action, **change: Any) -> None:
        """The audit event of an act on it; never with its secret."""
        record(actor, act, organization=self.organization, target=self, label=self.label, **change)
