"""API keys: rows of a project that programs identify themselves with. Their secrets are rows of their own."""

import datetime as dt
from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.constraints import choice_constraint
from accounts.crypto.encryption import decrypt, encrypt
from accounts.enums import Action, OrganizationState
from accounts.fields import NameField, PublicIdField
from accounts.models import Membership, Organization, User
from accounts.models.principals import Principal
from accounts.permissions import Permission
from keys.enums import KeyKind, KeyStatus
from keys.formats import Prefix, new_secret
from keys.models.choosing import ChoosableQuerySet
from keys.models.conditions import last_use, secrets_of_outer_key, still_active
from projects.models import Collaborator, Project

# How long before its end a key is said to expire soon, and the first mail about it is sent.
NOTICE = dt.timedelta(days=14)
DEFAULT_KEY_NAME = "Organization Default Key"


class ApiKeyQuerySet(ChoosableQuerySet["ApiKey"]):
    def listed(self) -> Self:
        """The projects' own keys: the Default Key is only its Owner's to see."""
        return self.filter(kind=KeyKind.PROJECT)

    def default_key(self) -> "ApiKey":
        """The organization's Default Key; made with its Default Project."""
        return self.get(kind=KeyKind.DEFAULT)

    def unrevoked(self) -> Self:
        return self.filter(revoked_at__isnull=True)

    def active(self) -> Self:
        """Those neither revoked nor expired; whether the project is frozen is not asked."""
        return self.filter(still_active())

    def usable(self) -> Self:
        """The active ones of projects and organizations that work."""
        return self.active().filter(
            project__archived_at__isnull=True,
            project__organization__state=OrganizationState.ACTIVE,
        )

    def made_by(self, user: User | None) -> Self:
        return self.listed().filter(created_by=user)

    def visible_to(self, principal: Principal) -> Self:
        """Those of the projects in which `principal` may see API keys."""
        visible = Project.objects.visible_to(principal).allowing(Permission.API_KEYS_SEE)
        return self.filter(project__in=visible.values("pk"))

    def matching(self, text: str) -> Self:
        """Those whose name or a secret's hint holds `text`, and the one whose id it is."""
        hinted = Exists(secrets_of_outer_key().filter(hint__icontains=text))
        return self.filter(Q(name__icontains=text) | Q(public_id=text) | hinted)

    def in_organization(self, organization: Organization) -> Self:
        return self.filter(project__organization=organization)

    def with_status(self, status: KeyStatus) -> Self:
        """Those of which a list says `status`; the same in SQL as `ApiKey.status`."""
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
        """Each with `last_used_at`, the last use of any of its secrets, and `idle_since`: that, or
        when it was made."""
        return self.annotate(last_used_at=last_use()).with_idleness()

    def with_idleness(self) -> Self:
        """Each with `idle_since` alone, for whoever only sorts."""
        return self.annotate(idle_since=Coalesce(last_use(), F("created_at")))

    def with_creators(self) -> Self:
        """Each with who made it and `creator_is_in`: whether they still belong to the organization,
        or are listed in the project."""
        member = Membership.objects.filter(
            organization=OuterRef("project__organization"), user=OuterRef("created_by")
        )
        listed = Collaborator.objects.current().filter(
            project=OuterRef("project"), user=OuterRef("created_by")
        )
        return self.select_related("created_by").annotate(
            creator_is_in=Exists(member) | Exists(listed)
        )

    def with_leaks(self) -> Self:
        """Each with `is_leaked`: whether a secret of it that has not ended was reported as leaked."""
        reported = secrets_of_outer_key().live().filter(leak_reports__isnull=False)
        return self.annotate(is_leaked=Exists(reported))

    def in_lock_order(self) -> Self:
        """Locks them all, in the one order that cannot end in a deadlock."""
        return self.select_for_update(no_key=True, of=("self",)).order_by("pk")

    def revoke(self, actor: Actor, *, reason: str = "") -> "list[ApiKey]":
        """Revokes those not revoked yet, each with its audit event, and gives them.

        In a transaction that locked their organization's row. The Default Key stays.
        """
        found = list(
            self.listed().unrevoked().select_related("project__organization").in_lock_order()
        )
        for key in found:
            key.revoke(actor, reason=reason)
        return found

    def create_default_key(self, project: Project) -> "ApiKey":
        """The Default Key of the organization whose Default Project this is."""
        key = self.model(project=project, kind=KeyKind.DEFAULT, name=DEFAULT_KEY_NAME)
        secret = new_secret(Prefix.DEFAULT_KEY)
        key.seal(secret)
        key.save(force_insert=True)
        key.add_secret(secret, None, may_read_usage=True)
        return key


class ApiKey(models.Model):
    """A key of a project. It belongs to the project and stays when the person who made it goes.

    Revoking is final; a trigger keeps it so. The Default Key cannot be revoked and does not expire;
    it alone can be shown again, so its secret is kept encrypted as well.
    """

    public_id = PublicIdField("key")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="api_keys")
    kind = models.CharField(
        max_length=10, choices=KeyKind.choices, default=KeyKind.PROJECT, editable=False
    )
    name = NameField()
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="created_keys"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    # Which form made it: a form sent twice makes one key.
    form_token = models.CharField(max_length=40, null=True, unique=True, editable=False)  # noqa: DJ001
    expires_at = models.DateTimeField(null=True, blank=True)
    # Days before the end that a mail was last sent for; none yet when empty.
    reminded_days = models.PositiveSmallIntegerField(null=True, editable=False)
    revoked_at = models.DateTimeField(null=True, editable=False)
    revoked_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="revoked_keys"
    )
    revoked_because = models.CharField(max_length=200, blank=True, editable=False)
    sealed_secret = models.TextField(blank=True, editable=False)

    objects = ApiKeyQuerySet.as_manager()

    # Annotations of `with_use`, of `with_creators` and of `with_leaks`.
    last_used_at: dt.datetime | None
    creator_is_in: bool
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
        """How the audit log names it."""
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
        """Why nothing can be done with it any more; empty while something can."""
        if not self.revoked_at:
            return ""
        return f"{self.name} is revoked. That is final: create another key."

    @property
    def is_active(self) -> bool:
        """Whether it is neither revoked nor expired."""
        return self.status not in (KeyStatus.REVOKED, KeyStatus.EXPIRED)

    def current_secret(self) -> Any:
        """The secret that stays: the newest. Prefetched `secrets` cost no query."""
        return next(secret for secret in self.secrets.all() if secret.ends_at is None)

    def outgoing_secret(self) -> Any:
        """While it is being rotated, the old secret, which still works; else None."""
        now = timezone.now()
        running = (one for one in self.secrets.all() if one.ends_at and one.ends_at > now)
        return next(running, None)

    @property
    def outgoing_until(self) -> dt.datetime | None:
        """When the secret that is being replaced stops working: at its end or the key's."""
        outgoing = self.outgoing_secret()
        ends = (outgoing and outgoing.ends_at, self.expires_at)
        return min(filter(None, ends), default=None) if outgoing else None

    @property
    def generation(self) -> int:
        """How many secrets it has had: it grows with each rotation, an undone one too."""
        return len(self.secrets.all())

    def add_secret(self, secret: str, by: User | None, *, may_read_usage: bool) -> None:
        """Gives it that secret text as its current one; there must be no other."""
        row = self.secrets.model(api_key=self, created_by=by, may_read_usage=may_read_usage)
        row.created_at = timezone.now()
        row.set_secret(secret)
        row.save(force_insert=True)

    @property
    def secret_text(self) -> str:
        """The Default Key's secret; UndecryptableError when ENCRYPTION_KEY is another one now."""
        return decrypt(self.sealed_secret, purpose=f"key {self.public_id}")

    def seal(self, secret: str) -> None:
        self.sealed_secret = encrypt(secret, purpose=f"key {self.public_id}")

    def revoke(self, actor: Actor, *, reason: str = "") -> None:
        """Refused from the next request on; see `ApiKeyQuerySet.revoke`."""
        self.revoked_at, self.revoked_by, self.revoked_because = timezone.now(), actor.user, reason
        self.save(update_fields=["revoked_at", "revoked_by", "revoked_because"])
        self.record_event(actor, Action.KEY_REVOKED, after={"reason": reason} if reason else None)

    def record_event(self, actor: Actor, act: Action, **change: Any) -> None:
        """The audit event of an act on it; never with a secret."""
        organization = self.project.organization
        record(actor, act, organization=organization, target=self, label=self.label, **change)
