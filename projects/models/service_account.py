"""Service accounts: members of a project that are not people."""

import datetime as dt
from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.utils import timezone

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.constraints import choice_constraint
from accounts.enums import Action, PrincipalKind
from accounts.fields import NameField, PublicIdField
from accounts.models import User
from accounts.models.principals import Principal
from accounts.permissions import (
    SERVICE_ACCOUNT_ROLE,
    ProjectRole,
    Role,
    project_role,
)
from accounts.searching import Searchable, SearchTextField, match_words, search_text_field
from projects.models.counting import SubqueryCount, get_related_model
from projects.models.project import Project


class ServiceAccountRole(models.TextChoices):
    """The roles of collaborators, or none: then it can only own API keys."""

    ADMIN = ProjectRole.ADMIN.value, "Admin"
    MEMBER = ProjectRole.MEMBER.value, "Member"
    NONE = "none", "No role"


class ServiceAccountQuerySet(models.QuerySet["ServiceAccount"]):
    def current(self) -> Self:
        """Service accounts that were not removed."""
        return self.filter(removed_at__isnull=True)

    def of_principal(self, principal: Principal) -> Self:
        """The service account that `principal` is, if it has a role and the token it uses works.

        It uses none where it is named as who did something earlier, such as sending an invitation.
        """
        current = self.current().exclude(role=ServiceAccountRole.NONE)
        matches = current.filter(public_id=principal.service_account)
        if not principal.credential:
            return matches
        token = get_related_model("service_accounts", "tokens")
        live = token.objects.live().filter(
            service_account=OuterRef("pk"), public_id=principal.credential
        )
        return matches.filter(Exists(live))

    def named(self, name: str) -> Self:
        """Service accounts with that name, whatever its case and accents."""
        return self.filter(search_text=search_text_field(self.model).compute(self.model(name=name)))

    def matching(self, text: str) -> Self:
        """Service accounts with `text` in their name, or as their public id."""
        return self.filter(match_words(text, "search_text") | Q(public_id=text))

    def created_by_user(self, user: User) -> Self:
        return self.current().filter(created_by=user).order_by("search_text", "pk")

    def with_creators(self) -> Self:
        return self.select_related("created_by", "created_by_account")

    def with_use(self) -> Self:
        """Annotates how many API keys and tokens of each work, and when one was last used."""
        key = get_related_model("api_keys")
        token = get_related_model("service_accounts", "tokens")
        own = Q(service_account=OuterRef("pk"))
        keys, tokens = key.objects.active().filter(own), token.objects.live().filter(own)
        last = F("last_used_at").desc(nulls_last=True)
        return self.annotate(
            key_count=SubqueryCount(keys),
            token_count=SubqueryCount(tokens),
            key_used_at=Subquery(keys.with_use().order_by(last).values("last_used_at")[:1]),
            token_used_at=Subquery(tokens.order_by(last).values("last_used_at")[:1]),
        )


class ServiceAccount(Searchable):
    """A member of a project that is not a person. It stays when the person who created it leaves.

    It acts through tokens, and its programs use its API keys. It never moves to another project; once
    removed, it stays removed. If an external created it, it counts as external forever.
    """

    public_id = PublicIdField("svc")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="service_accounts")
    name = NameField()
    search_text = SearchTextField("name")
    role = models.CharField(
        max_length=10, choices=ServiceAccountRole.choices, default=ServiceAccountRole.MEMBER
    )
    counts_as_external = models.BooleanField(default=False, editable=False)
    # The person or service account that created it; neither if an admin API key did.
    created_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="created_service_accounts",
    )
    created_by_account = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, editable=False, related_name="created_accounts"
    )
    # The public id of the token or admin API key that created it; empty for a session.
    created_with = models.CharField(max_length=40, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    removed_at = models.DateTimeField(null=True, editable=False)

    objects = ServiceAccountQuerySet.as_manager()

    # Annotations of `with_use`.
    key_count: int
    token_count: int
    key_used_at: dt.datetime | None
    token_used_at: dt.datetime | None

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "search_text"],
                condition=Q(removed_at__isnull=True),
                name="serviceaccount_name_once",
            ),
            models.CheckConstraint(
                condition=Q(created_by__isnull=True) | Q(created_by_account__isnull=True),
                name="serviceaccount_one_creator",
            ),
            choice_constraint("role", ServiceAccountRole, "serviceaccount"),
        ]
        indexes = [
            models.Index(fields=["project", "created_at", "id"], name="serviceaccount_by_created")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """Its name in the audit log."""
        return f"{self.name} in {self.project.slug}"

    @property
    def project_role(self) -> Role | None:
        """Its role in its project; None without one."""
        if self.role == ServiceAccountRole.NONE:
            return None
        internal = None if self.counts_as_external else SERVICE_ACCOUNT_ROLE
        return project_role(internal, self.role, is_default=False)

    @property
    def creator_name(self) -> str:
        """Who created it, for people."""
        if self.created_by:
            return self.created_by.name
        return str(self.created_by_account or "An admin API key")

    @property
    def last_used_at(self) -> dt.datetime | None:
        """When an API key or token of it that works was last used."""
        return max(filter(None, [self.key_used_at, self.token_used_at]), default=None)

    def make_principal(self, credential: str) -> Principal:
        """Returns the principal that acts through the token with that public id."""
        return Principal(
            PrincipalKind.SERVICE_ACCOUNT,
            label=self.name,
            credential=credential,
            service_account=self.public_id,
        )

    def record_event(self, actor: Actor, action: Action, **change: Any) -> None:
        """Records an action on it in the audit log."""
        organization = self.project.organization
        record(actor, action, organization=organization, target=self, label=self.label, **change)
