"""Organizations and their memberships."""

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery
from django.utils import timezone

from accounts.constraints import choice_constraint
from accounts.enums import OrganizationState
from accounts.fields import NameField, PublicIdField, SlugTextField
from accounts.models.principals import Principal
from accounts.models.user import User
from accounts.permissions import OrganizationRole
from accounts.searching import Searchable, SearchTextField, match_words
from accounts.web.avatars import compute_hue, compute_initials

# The precision of `last_active_at`: not every request should write.
ACTIVITY_STEP = dt.timedelta(minutes=5)


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def visible_to(self, principal: Principal) -> Self:
        """Organizations that a user belongs to or is an external collaborator in.

        Annotated with `own_role`, the user's role; None for externals. Closed organizations are visible only
        to their Owner. Principals without a user see none.
        """
        user = principal.user
        if user is None:
            return self.none()
        membership = user.memberships.filter(organization=OuterRef("pk"))
        works_in = user.collaborations.current().filter(project__organization=OuterRef("pk"))
        visible = self.filter(pk=principal.viewed_in) if principal.viewed_in else self
        return visible.annotate(own_role=Subquery(membership.values("role")[:1])).filter(
            Q(own_role=OrganizationRole.OWNER)
            | (~Q(state=OrganizationState.CLOSED) & (Q(own_role__isnull=False) | Exists(works_in)))
        )

    def with_activity(self, principal: Principal) -> Self:
        """Annotates `active_at`: when the user was last active in it as a member, else None."""
        membership = Membership.objects.filter(user=principal.user, organization=OuterRef("pk"))
        return self.annotate(active_at=Subquery(membership.values("last_active_at")[:1]))

    def owned_by(self, user: User) -> Self:
        """Organizations owned by `user`, without closed ones."""
        mine = Membership.objects.filter(
            organization=OuterRef("pk"), user=user, role=OrganizationRole.OWNER
        )
        return self.filter(Exists(mine)).exclude(state=OrganizationState.CLOSED).order_by("pk")

    def shared(self) -> Self:
        """Organizations with members besides their Owner."""
        return self.annotate(people=models.Count("memberships")).filter(people__gt=1)

    def unshared(self) -> Self:
        """Organizations whose only member is their Owner."""
        return self.annotate(people=models.Count("memberships")).filter(people=1)

    def named_like(self, text: str) -> Self:
        """Organizations with `text` in their name or slug."""
        return self.filter(match_words(text, "search_text"))

    def in_lock_order(self) -> Self:
        """Locks the rows in the order of their primary keys, which prevents deadlocks."""
        return self.select_for_update(no_key=True).order_by("pk")

    def lock(self, pk: int) -> "Organization":
        """Returns the row, locked until the transaction ends. Every change of a tenant starts here.

        FOR NO KEY UPDATE, because FOR UPDATE would block inserts of rows that refer to it.
        """
        return self.select_for_update(no_key=True).get(pk=pk)


class Organization(Searchable):
    """An organization: one bill, one Owner, one Default Project."""

    public_id = PublicIdField("org")
    name = NameField()
    slug = SlugTextField()
    search_text = SearchTextField("name", "slug")
    project_limit = models.PositiveIntegerField(
        default=1, help_text="How many projects there may be, the Default Project included."
    )
    external_collaborators_enabled = models.BooleanField(
        default=False,
        help_text="Whether projects may invite people who are not members of the organization.",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    state = models.CharField(
        max_length=10,
        choices=OrganizationState.choices,
        default=OrganizationState.ACTIVE,
        editable=False,
    )
    state_reason = models.CharField(max_length=500, blank=True, editable=False)
    state_changed_at = models.DateTimeField(null=True, editable=False)

    objects = OrganizationQuerySet.as_manager()

    # Annotations of `visible_to` and of `with_activity`.
    own_role: str | None
    active_at: dt.datetime | None

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(project_limit__gte=1), name="organization_project_limit_positive"
            ),
            choice_constraint("state", OrganizationState, "organization"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_active(self) -> bool:
        return self.state == OrganizationState.ACTIVE

    @property
    def why_frozen(self) -> str:
        """Why nothing can be changed now; empty if changes are possible."""
        if self.state == OrganizationState.CLOSED:
            return f"{self.name} is closed. Its Owner can still read it, and only support can reopen it."
        if self.state == OrganizationState.SUSPENDED:
            return f"Support has suspended {self.name}: {self.state_reason}"
        return ""

    def change_state(self, state: OrganizationState, reason: str) -> None:
        self.state, self.state_reason = state, reason
        self.state_changed_at = timezone.now()
        self.save(update_fields=["state", "state_reason", "state_changed_at"])

    @property
    def initials(self) -> str:
        return compute_initials(self.name)

    @property
    def hue(self) -> int:
        return compute_hue(self.public_id)


class MembershipQuerySet(models.QuerySet["Membership"]):
    def visible_to(self, principal: Principal) -> Self:
        """Memberships in the organizations that the user is a member of. External collaborators see none."""
        visible = Organization.objects.visible_to(principal)
        visible = visible.filter(memberships__user=principal.user)
        return self.filter(organization__in=visible.values("pk"))

    def matching(self, text: str) -> Self:
        """Memberships with `text` in the member's name or email address."""
        return self.filter(match_words(text, "user__search_text"))

    def with_every_project(self) -> Self:
        """Memberships whose role gives access to every project: of the Owner and the Admins."""
        return self.exclude(role=OrganizationRole.MEMBER)

    def with_users(self) -> Self:
        return self.select_related("user")

    def removable(self) -> Self:
        """All memberships but the Owner's, which a closed organization keeps too."""
        return self.exclude(role=OrganizationRole.OWNER)

    def owner(self) -> "Membership":
        return self.with_users().get(role=OrganizationRole.OWNER)

    def mark_active(self) -> None:
        """Sets `last_active_at` to now, unless it was set within `ACTIVITY_STEP`."""
        now = timezone.now()
        self.filter(last_active_at__lt=now - ACTIVITY_STEP).update(last_active_at=now)


class Membership(models.Model):
    """A user's membership in an organization. Exactly one is the Owner's, which a trigger protects."""

    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="memberships"
    )
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships")
    role = models.CharField(max_length=10, choices=OrganizationRole.choices)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)
    last_active_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = MembershipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "user"], name="membership_once_per_organization"
            ),
            models.UniqueConstraint(
                fields=["organization"],
                condition=Q(role=OrganizationRole.OWNER),
                name="membership_one_owner",
            ),
            choice_constraint("role", OrganizationRole, "membership"),
        ]
        indexes = [
            models.Index(fields=["organization", "joined_at", "id"], name="membership_by_joined"),
            models.Index(
                fields=["organization", "last_active_at", "id"], name="membership_by_active"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.organization}"

    @property
    def opens_every_project(self) -> bool:
        return self.role != OrganizationRole.MEMBER

    def end(self) -> None:
        """Deletes the membership and its collaborator rows; their periods end now."""
        for collaborator in self.collaborators.all():
            collaborator.take_off()
        self.organization.membership_periods.filter(user=self.user_id).end()
        self.delete()
