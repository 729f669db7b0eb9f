"""Memberships of users in organizations."""

import datetime as dt
from typing import Any, Self

from django.db import models
from django.db.models import Prefetch, Q
from django.utils import timezone

from accounts.constraints import choice_constraint
from accounts.models.organization import Organization
from accounts.models.principals import Principal
from accounts.models.user import User
from accounts.permissions import OrganizationRole
from accounts.searching import match_words

# The precision of `last_active_at`: not every request should write.
ACTIVITY_STEP = dt.timedelta(minutes=5)


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

    def with_listed(self, projects: models.QuerySet[Any], limit: int) -> Self:
        """Prefetches each member's first rows as a collaborator of `projects`, by name, as `listed_rows`."""
        collaborator: Any = Membership._meta.get_field("collaborators").related_model
        rows = collaborator.objects.current().filter(project__in=projects.values("pk"))
        rows = rows.select_related("project").order_by("project__search_text", "pk")
        return self.prefetch_related(Prefetch("collaborators", rows[:limit], to_attr="listed_rows"))

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
    hides_first_steps = models.BooleanField(default=False, db_default=False, editable=False)

    objects = MembershipQuerySet.as_manager()

    # Prefetched by `with_listed`.
    listed_rows: list[Any]

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
    def is_owner(self) -> bool:
        """Whether it is the Owner's, who can't be removed or get another role."""
        return self.role == OrganizationRole.OWNER

    @property
    def opens_every_project(self) -> bool:
        return self.role != OrganizationRole.MEMBER
