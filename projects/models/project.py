"""Projects: the isolated workspaces of an organization."""

import datetime as dt
from functools import reduce
from operator import or_
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.enums import OrganizationState, PrincipalKind
from accounts.errors import Conflict
from accounts.fields import NameField, PublicIdField, SlugTextField
from accounts.models import Invitation, Membership, Organization, User
from accounts.models.organization import meets_sign_in_rules
from accounts.models.principals import Principal
from accounts.permissions import (
    OrganizationRole,
    Permission,
    ProjectRole,
    Role,
    allows,
    project_role,
)
from accounts.searching import Searchable, SearchTextField, match_words
from accounts.web.avatars import compute_hue, compute_initials
from projects.models.counting import (
    SubqueryCount,
    active_keys,
    listed_rows,
    pending_invitations,
    people_count,
    service_accounts,
    spend_blocks,
    unrevoked_keys,
)
from projects.models.programs import (
    PROGRAM_ROLES,
    opened_by_account,
    opened_by_admin_key,
    opened_by_user,
)

NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
# Annotations of `ProjectQuerySet.with_counts`, in this order: collaborators with pending invitations;
# pending invitations; members of the organization; invitations waiting for the person; active API keys;
# unrevoked API keys, which are those and the expired ones.
COUNTS = (
    *("listed_count", "pending_count", "member_count", "waiting_count"),
    *("key_count", "unrevoked_key_count"),
)


class ProjectQuerySet(models.QuerySet["Project"]):
    def visible_to(self, principal: Principal) -> Self:
        """Projects that a principal can open, annotated with `organization_role` and `collaborator_role`.

        Owners, Admins and admin keys see every project of their organization, Members the Default Project and
        those they collaborate in, externals only the latter, a service account its own. Only the Owner sees
        those of a closed one. Those of organizations that require a second factor are visible only to people
        who have one.
        """
        rules = meets_sign_in_rules(principal, "organization_role", "organization__")
        return self.reachable_by(principal).filter(rules)

    def reachable_by(self, principal: Principal) -> Self:
        """Like `visible_to`, whether or not a person has a second factor."""
        if principal.kind == PrincipalKind.ADMIN_KEY:
            return opened_by_admin_key(self, principal)
        if principal.kind == PrincipalKind.SERVICE_ACCOUNT:
            return opened_by_account(self, principal)
        visible = self.filter(organization=principal.viewed_in) if principal.viewed_in else self
        return opened_by_user(visible, principal.user) if principal.user else self.none()

    def allowing(self, permission: Permission) -> Self:
        """Of the projects from `visible_to`, those in which the principal has the permission."""
        return self.filter(
            reduce(
                or_,
                (
                    Q(organization_role=organization, collaborator_role=listed)
                    for organization in (None, *PROGRAM_ROLES, *OrganizationRole)
                    for listed in (None, *ProjectRole)
                    # A Member who is no collaborator sees only the Default Project.
                    for role in [project_role(organization, listed, is_default=not listed)]
                    if role and allows(role, permission)
                ),
            )
        )

    def with_counts(self, principal: Principal) -> Self:
        """Annotates the counts in `COUNTS` and `active_at`.

        `active_at` is when the person was last active: as a member in the organization, as an external
        collaborator in the project.
        """
        membership = Membership.objects.filter(
            user=principal.user, organization=OuterRef("organization_id")
        )
        # The same as a long time ago, for those who were never active.
        external = (
            listed_rows()
            .filter(user=principal.user, membership__isnull=True)
            .annotate(active_at=Coalesce("last_active_at", Value(NEVER)))
            .values("active_at")
        )
        pending = pending_invitations()
        return self.annotate(
            listed_count=people_count() + SubqueryCount(pending),
            has_externals=Exists(listed_rows().filter(membership__isnull=True)),
            pending_count=SubqueryCount(pending),
            member_count=SubqueryCount(
                Membership.objects.filter(organization=OuterRef("organization_id"))
            ),
            waiting_count=SubqueryCount(Invitation.objects.open_for(principal)),
            key_count=SubqueryCount(active_keys().filter(project=OuterRef("pk"))),
            unrevoked_key_count=SubqueryCount(unrevoked_keys().filter(project=OuterRef("pk"))),
            has_accounts=Exists(service_accounts()),
            has_blocks=Exists(spend_blocks()),
            has_external_accounts=Exists(service_accounts().filter(counts_as_external=True)),
            active_at=Coalesce(
                Subquery(membership.values("last_active_at")[:1]), Subquery(external[:1])
            ),
        )

    def matching(self, text: str) -> Self:
        """Projects with `text` in their name or slug, or with `text` as their public id."""
        return self.filter(match_words(text, "search_text") | Q(public_id=text))

    def archived(self) -> Self:
        return self.filter(archived_at__isnull=False)

    def unarchived(self) -> Self:
        """Projects that count towards the organization's limit."""
        return self.filter(archived_at__isnull=True)

    def active_keys(self) -> int:
        """Returns the number of active API keys of all these projects."""
        return active_keys().filter(project__in=self.values("pk")).count()

    def working(self) -> Self:
        """Unarchived projects of active organizations."""
        return self.unarchived().filter(organization__state=OrganizationState.ACTIVE)

    def with_people_count(self) -> Self:
        """Annotates `people_count`, the number of collaborators with pending invitations."""
        return self.annotate(people_count=people_count() + SubqueryCount(pending_invitations()))

    def default(self) -> "Project":
        """Returns the Default Project, which every organization has."""
        return self.get(is_default=True)


class Project(Searchable):
    """A workspace. The Default Project holds every member of the organization and no externals."""

    public_id = PublicIdField("proj")
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="projects"
    )
    name = NameField()
    slug = SlugTextField(max_length=70)
    search_text = SearchTextField("name", "slug")
    is_default = models.BooleanField(default=False, editable=False)
    allow_external_collaborators = models.BooleanField(
        "allow external collaborators", default=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    created_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="created_projects"
    )
    archived_at = models.DateTimeField(null=True, editable=False)
    archived_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="archived_projects"
    )
    # API keys cannot be used while the project is archived, so days without use count from here.
    restored_at = models.DateTimeField(null=True, editable=False)

    objects = ProjectQuerySet.as_manager()

    # Annotations of `visible_to` and of `with_counts`.
    organization_role: str | None
    collaborator_role: str | None
    listed_count: int
    pending_count: int
    has_externals: bool
    key_count: int
    unrevoked_key_count: int
    has_accounts: bool
    has_external_accounts: bool

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization"], condition=Q(is_default=True), name="project_one_default"
            ),
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(allow_external_collaborators=False),
                name="project_default_without_externals",
            ),
            models.CheckConstraint(
                condition=Q(is_default=False) | Q(archived_at__isnull=True),
                name="project_default_not_archived",
            ),
        ]
        indexes = [
            models.Index(fields=["organization", "created_at", "id"], name="project_by_created"),
            models.Index(fields=["organization", "search_text", "id"], name="project_by_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def find_role(self, principal: Principal) -> Role | None:
        """Returns the role of `principal` in this project; None without access."""
        project = Project.objects.visible_to(principal).filter(pk=self.pk).first()
        return project.principal_role if project else None

    @property
    def principal_role(self) -> Role | None:
        """The role of the principal for whom `ProjectQuerySet.visible_to` loaded this row."""
        return project_role(
            self.organization_role,
            self.collaborator_role,
            is_default=self.is_default,
        )

    @property
    def people(self) -> int:
        """The number of collaborators, on a row from `ProjectQuerySet.with_counts`."""
        return self.listed_count - self.pending_count

    @property
    def expired_key_count(self) -> int:
        """The number of expired API keys, on a row from `ProjectQuerySet.with_counts`."""
        return self.unrevoked_key_count - self.key_count

    @property
    def is_archived(self) -> bool:
        return self.archived_at is not None

    def archive(self, by: User | None) -> None:
        self.archived_at, self.archived_by = timezone.now(), by
        self.save(update_fields=["archived_at", "archived_by"])

    def restore(self) -> None:
        self.archived_at, self.archived_by, self.restored_at = None, None, timezone.now()
        self.save(update_fields=["archived_at", "archived_by", "restored_at"])

    def former_slugs(self) -> list[str]:
        """Returns earlier slugs, newest last. They redirect here and stay reserved."""
        had = self.slugs.exclude(slug=self.slug).order_by("pk")
        return list(had.values_list("slug", flat=True))

    def why_no_externals(self) -> list[str]:
        """Returns a sentence for each switch for external collaborators that is off."""
        reasons = []
        if not self.organization.external_collaborators_enabled:
            reasons.append(
                f"External collaborators are not enabled for {self.organization.name}. An Owner or Admin "
                "can ask support to enable them."
            )
        if not self.allow_external_collaborators:
            reasons.append(
                f"{self.name} does not allow external collaborators. A Project Admin can allow "
                "them in the project's settings."
            )
        return reasons

    def require_externals(self) -> None:
        """Raises Conflict, naming the switches, unless both allow external collaborators."""
        if reasons := self.why_no_externals():
            raise Conflict(" ".join(reasons))

    @property
    def initials(self) -> str:
        return self.name[:2] if self.name.isascii() else compute_initials(self.name)

    @property
    def hue(self) -> int:
        return compute_hue(self.public_id)


class ProjectSlug(models.Model):
    """A slug that a project has or had. Former slugs redirect to it and stay reserved.

    A trigger adds a row whenever a project gets a slug, so the unique index covers current and former
    slugs, even for simultaneous writes.
    """

    slug = SlugTextField(max_length=70)
    project = models.ForeignKey(Project, on_delete=models.CASCADE, related_name="slugs")

    def __str__(self) -> str:
        return self.slug
