"""API keys, with which programs identify themselves. Their secrets are rows of their own."""

import datetime as dt
from collections.abc import Collection
from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.constraints import choice_constraint
from accounts.crypto.encryption import decrypt, encrypt
from accounts.enums import Action, OrganizationState
from accounts.fields import CreatedWithField, NameField, PublicIdField
from accounts.models import Organization, User
from accounts.models.principals import Principal
from accounts.permissions import Permission
from accounts.searching import Searchable, SearchTextField, match_words
from keys.enums import KeyKind, KeyStatus
from keys.formats import Prefix, new_secret
from keys.models.conditions import last_use, secrets_of_outer_key, still_active
from keys.models.owners import Owned, OwnedQuerySet
from projects.models import Project, ServiceAccount

# How long before its end a key counts as expiring soon, and the first mail about it is sent.
NOTICE = dt.timedelta(days=14)
DEFAULT_KEY_NAME = "Organization Default Key"


class ApiKeyQuerySet(OwnedQuerySet["ApiKey"]):
    def listed(self) -> Self:
        """The projects' own keys, without the Default Key, which only the Owner may see."""
        return self.filter(kind=KeyKind.PROJECT)

    def default_key(self) -> "ApiKey":
        """Returns the organization's Default Key, which is created with its Default Project."""
        return self.get(kind=KeyKind.DEFAULT)

    def unrevoked(self) -> Self:
        return self.filter(revoked_at__isnull=True)

    def active(self) -> Self:
        """Keys neither revoked nor expired, also in frozen projects."""
        return self.filter(still_active())

    def usable(self) -> Self:
        """Active keys of projects and organizations that are not frozen."""
        return self.active().filter(
            project__archived_at__isnull=True,
            project__organization__state=OrganizationState.ACTIVE,
        )

    def made_by(self, user: User | None) -> Self:
        return self.listed().filter(created_by=user)

    def visible_to(self, principal: Principal) -> Self:
        """Keys of the projects in which `principal` may see API keys."""
        visible = Project.objects.visible_to(principal).allowing(Permission.API_KEYS_SEE)
        return self.filter(project__in=visible.values("pk"))

    def matching(self, text: str) -> Self:
        """Keys with `text` in their name or a secret's hint, or as their id."""
        hinted = Exists(secrets_of_outer_key().filter(hint__icontains=text))
        return self.filter(match_words(text, "search_text") | Q(public_id=text) | hinted)

    def in_organization(self, organization: Organization) -> Self:
        return self.filter(project__organization=organization)

    def with_status(self, status: KeyStatus) -> Self:
        """Keys with that status; the same in SQL as `ApiKey.status`."""
        now, soon = timezone.now(), timezone.now() + NOTICE
        if status == KeyStatus.REVOKED:
            return self.filter(revoked_at__isnull=False)
        if status == KeyStatus.EXPIRED:
            return self.unrevoked().filter(expires_at__lte=now)
        rotating = Exists(secrets_of_outer_key().filter(ends_at__gt=now))
        if status == KeyStatus.ROTATING:
            return self.active().filter(rotating)
        ending = Q(expires_at__lte=soon)
        steady = self.active().exclude(rotating)
        return steady.filter(ending) if status == KeyStatus.EXPIRES_SOON else steady.exclude(ending)

    def with_use(self) -> Self:
        """Adds `last_used_at`, the last use of any secret, and `idle_since`: the same, or the creation."""
        return self.annotate(last_used_at=last_use()).with_idleness()

    def with_idleness(self) -> Self:
        """Adds `idle_since` alone, for sorting."""
        return self.annotate(idle_since=Coalesce(last_use(), F("created_at")))

    def with_leaks(self) -> Self:
        """Adds `is_leaked`: whether a secret of it that still works was reported as leaked."""
        reported = secrets_of_outer_key().live().filter(leak_reports__isnull=False)
        return self.annotate(is_leaked=Exists(reported))

    def issued_with(self, credentials: Collection[str]) -> Self:
        """Active keys that these credentials (public ids) created, or gave a secret that still works."""
        issued = secrets_of_outer_key().live().filter(created_with__in=credentials)
        created = Q(created_with__in=credentials) | Exists(issued)
        return self.listed().active().filter(created)

    def in_lock_order(self) -> Self:
        """Locks all the keys, in the one order that cannot deadlock."""
        return self.select_for_update(no_key=True, of=("self",)).order_by("pk")

    def revoke(self, actor: Actor, *, reason: str = "") -> "list[ApiKey]":
        """Revokes the keys that are not revoked yet, records an event for each and returns them.

        Their organization's row must be locked. The Default Key is left out.
        """
        keys = list(
            self.listed().unrevoked().select_related("project__organization").in_lock_order()
        )
        for key in keys:
            key.revoke(actor, reason=reason)
        return keys

    def create_default_key(self, project: Project) -> "ApiKey":
        """Creates the Default Key of the organization whose Default Project this is."""
        key = self.model(project=project, kind=KeyKind.DEFAULT, name=DEFAULT_KEY_NAME)
        secret = new_secret(Prefix.DEFAULT_KEY)
        key.seal(secret)
        key.save(force_insert=True)
        key.add_secret(secret, Principal.without_account(), may_read_usage=True)
        return key


class ApiKey(Owned, Searchable):
    """A key of a project. It belongs to the project and stays when the person who created it leaves.

    Revoking is final, which a trigger enforces. The Default Key cannot be revoked and does not expire; it
    alone can be shown again, so its secret is stored encrypted as well.
    """

    public_id = PublicIdField("key")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="api_keys")
    kind = models.CharField(
        max_length=10, choices=KeyKind.choices, default=KeyKind.PROJECT, editable=False
    )
    name = NameField()
    search_text = SearchTextField("name")
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="created_keys"
    )
    # The service account that it belongs to. A trigger ensures that it is one of the project.
    service_account = models.ForeignKey(
        ServiceAccount,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="api_keys",
    )
    # The public id of the credential that created it; empty for a session.
    created_with = CreatedWithField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # Written by the version before, which may still serve; FormToken has replaced it.
    form_token = models.CharField(max_length=40, null=True, unique=True, editable=False)  # noqa: DJ001
    expires_at = models.DateTimeField(null=True, blank=True)
    # Days before the end of the last reminder; null before the first one.
    reminded_days = models.PositiveSmallIntegerField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)
    revoked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="revoked_keys"
    )
    revoked_because = models.CharField(max_length=200, blank=True, editable=False)
    sealed_secret = models.TextField(blank=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    # Annotations of `with_use` and of `with_leaks`.
    last_used_at: dt.datetime | None
    is_leaked: bool

    class Meta:
        verbose_name = "API key"
        constraints = [
            models.UniqueConstraint(
                fields=["project", "name"],
                condition=Q(revoked_at__isnull=True, kind=KeyKind.PROJECT),
                name="apikey_name_once_unrevoked",
            ),
            models.UniqueConstraint(
                fields=["project"], condition=Q(kind=KeyKind.DEFAULT), name="apikey_one_default"
            ),
            models.CheckConstraint(
                condition=Q(expires_at__isnull=True) | Q(expires_at__gt=F("created_at")),
                name="apikey_expires_after_creation",
            ),
            models.CheckConstraint(
                condition=~Q(kind=KeyKind.DEFAULT)
                | Q(revoked_at__isnull=True, expires_at__isnull=True),
                name="apikey_default_stays",
            ),
            models.CheckConstraint(
                condition=(~Q(kind=KeyKind.DEFAULT) & Q(sealed_secret=""))
                | (Q(kind=KeyKind.DEFAULT) & ~Q(sealed_secret="")),
                name="apikey_only_default_is_sealed",
            ),
            choice_constraint("kind", KeyKind, "apikey"),
        ]
        indexes = [
            models.Index(fields=["project", "created_at", "id"], name="apikey_by_created"),
            models.Index(fields=["project", "search_text", "id"], name="apikey_by_name"),
            models.Index(
                fields=["expires_at"],
                condition=Q(expires_at__isnull=False, revoked_at__isnull=True),
                name="apikey_by_expiry",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def label(self) -> str:
        """The key's name in the audit log."""
        return f"{self.name} in {self.project.slug}"

    @property
    def status(self) -> KeyStatus:
        now = timezone.now()
        if self.revoked_at:
            return KeyStatus.REVOKED
        if self.expires_at and self.expires_at <= now:
            return KeyStatus.EXPIRED
        if self.outgoing_secret():
            return KeyStatus.ROTATING
        soon = self.expires_at and self.expires_at <= now + NOTICE
        return KeyStatus.EXPIRES_SOON if soon else KeyStatus.ACTIVE

    @property
    def why_final(self) -> str:
        """Why nothing can be done with the key any more, or an empty text."""
        if not self.revoked_at:
            return ""
        return f"{self.name} is revoked, which can't be undone. Create another key."

    @property
    def is_active(self) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.status not in (KeyStatus.REVOKED, KeyStatus.EXPIRED)

    def current_secret(self) -> Any:
        """Returns the newest secret. It takes no query if `secrets` are prefetched."""
        return next(secret for secret in self.secrets.all() if secret.ends_at is None)

    def outgoing_secret(self) -> Any:
        """Returns the old secret that still works during a rotation, else None."""
        now = timezone.now()
        secrets = (
            secret for secret in self.secrets.all() if secret.ends_at and secret.ends_at > now
        )
        return next(secrets, None)

    @property
    def outgoing_until(self) -> dt.datetime | None:
        """When the secret that is being replaced stops working: at its own end or the key's."""
        outgoing = self.outgoing_secret()
        ends = (outgoing and outgoing.ends_at, self.expires_at)
        return min(filter(None, ends), default=None) if outgoing else None

    @property
    def generation(self) -> int:
        """How many secrets the key has had. It grows with each rotation, undone ones included."""
        return len(self.secrets.all())

    def add_secret(self, secret: str, by: Principal, *, may_read_usage: bool) -> None:
        """Stores a new current secret; there must be no other current one."""
        row = self.secrets.model(api_key=self, may_read_usage=may_read_usage)
        row.created_by, row.created_with = by.user, by.credential_id
        row.created_at = timezone.now()
        row.set_secret(secret)
        row.save(force_insert=True)

    @property
    def secret_text(self) -> str:
        """The Default Key's secret. Raises UndecryptableError if ENCRYPTION_KEY has changed."""
        return decrypt(self.sealed_secret, purpose=f"key {self.public_id}")

    def seal(self, secret: str) -> None:
        self.sealed_secret = encrypt(secret, purpose=f"key {self.public_id}")

    def revoke(self, actor: Actor, *, reason: str = "") -> None:
        """Revokes the key from the next request on; see `ApiKeyQuerySet.revoke`."""
        self.revoked_at, self.revoked_by, self.revoked_because = timezone.now(), actor.user, reason
        self.save(update_fields=["revoked_at", "revoked_by", "revoked_because"])
        self.record_event(actor, Action.KEY_REVOKED, after={"reason": reason} if reason else None)

    def record_event(self, actor: Actor, act: Action, **change: Any) -> None:
        """Records an action on the key in the audit log, never with a secret."""
        organization = self.project.organization
        record(actor, act, organization=organization, target=self, label=self.label, **change)
