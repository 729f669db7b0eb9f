"""Organizations."""

import datetime as dt
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q, Subquery, Value
from django.utils import timezone

from accounts.constraints import choice_constraint
from accounts.enums import SECOND_FACTORS, OrganizationState, PrincipalKind
from accounts.fields import NameField, PublicIdField, SlugTextField
from accounts.models.principals import Principal
from accounts.models.user import User
from accounts.permissions import (
    ADMIN_KEY_ROLE,
    MEMBER_ROLES,
    OrganizationRole,
    Permission,
    Role,
    allows,
)
from accounts.searching import Searchable, SearchTextField, match_words
from accounts.web.avatars import compute_hue, compute_initials


def admin_keys() -> models.QuerySet[Any]:
    """Admin API keys that work now. Their model depends on this module."""
    key: Any = Organization._meta.get_field("admin_keys").related_model
    rows: models.QuerySet[Any] = key.objects.live()
    return rows


def requires_second_factor(role: str, organization: str = "") -> Q:
    """Returns the condition that an organization requires a second factor of a person.

    `role` names the annotation with their role as a member, `organization` is the prefix of its fields.
    """
    required = f"{organization}second_factor_required"
    of_member = Q(**{f"{role}__isnull": False, required: True})
    of_external = Q(**{f"{role}__isnull": True, f"{required}_of_externals": True})
    return of_member | of_external


def meets_sign_in_rules(principal: Principal, role: str, organization: str = "") -> Q:
    """Returns the condition that `principal` has the second factor that an organization requires, if any.

    `role` and `organization` are those of `requires_second_factor`.
    """
    if principal.user is None or principal.is_exempt:
        return Q()
    has_factor = Q(Exists(principal.user.second_factors))
    return ~requires_second_factor(role, organization) | has_factor


class OrganizationQuerySet(models.QuerySet["Organization"]):
    def visible_to(self, principal: Principal) -> Self:
        """Organizations that a user belongs to or is an external collaborator in, or the one of an admin key.

        Annotated with `own_role`, the stored role of a member, `ADMIN_KEY_ROLE`, or None for externals.
        Closed organizations are visible only to their Owner, and those that require a second factor only to
        people who have one. All other principals see none.
        """
        return self.reachable_by(principal).filter(meets_sign_in_rules(principal, "own_role"))

    def allowing(self, permission: Permission) -> Self:
        """Of the organizations from `visible_to`, those in which the principal has the permission."""
        stored = [name for name, role in MEMBER_ROLES.items() if allows(role, permission)]
        condition = Q(own_role__in=stored)
        if allows(Role.EXTERNAL, permission):
            condition |= Q(own_role__isnull=True)
        return self.filter(condition)

    def reachable_by(self, principal: Principal) -> Self:
        """Like `visible_to`, whether or not a user has a second factor."""
        if principal.kind == PrincipalKind.ADMIN_KEY:
            keys = admin_keys().filter(organization=OuterRef("pk"), public_id=principal.credential)
            unclosed = self.exclude(state=OrganizationState.CLOSED)
            return unclosed.filter(Exists(keys)).annotate(own_role=Value(ADMIN_KEY_ROLE))
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

    def requiring_factor_of(self, user: User) -> Self:
        """Of the organizations that `user` can reach, those that require a second factor of them."""
        reachable = self.reachable_by(Principal.of_user(user))
        return reachable.filter(requires_second_factor("own_role"))

    def awaiting_factor_of(self, user: User) -> Self:
        """Organizations that `user` will be able to open once they have a second factor."""
        return self.requiring_factor_of(user).filter(~Exists(user.second_factors))

    def with_activity(self, principal: Principal) -> Self:
        """Annotates `active_at`: when the user was last active in it as a member, else None.

        Also `has_blocks`: whether budgets may refuse API keys.
        """
        blocks: Any = self.model._meta.get_field("spend_blocks").related_model
        marked = self.annotate(
            has_blocks=Exists(blocks.objects.filter(organization=OuterRef("pk")))
        )
        if principal.user is None:
            return marked.annotate(active_at=Value(None, models.DateTimeField()))
        membership = principal.user.memberships.filter(organization=OuterRef("pk"))
        return marked.annotate(active_at=Subquery(membership.values("last_active_at")[:1]))

    def owned_by(self, user: User) -> Self:
        """Organizations owned by `user`, without closed ones."""
        mine = user.memberships.filter(organization=OuterRef("pk"), role=OrganizationRole.OWNER)
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
    second_factor_required = models.BooleanField(default=False, db_default=False, editable=False)
    second_factor_required_of_externals = models.BooleanField(
        default=False, db_default=False, editable=False
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
    def principal_role(self) -> Role:
        """The role of the principal for whom `visible_to` found the organization."""
        return MEMBER_ROLES.get(self.own_role or "", Role.EXTERNAL)

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

    def list_people_without_factor(self, *, members: bool, externals: bool) -> list[str]:
        """Returns the email addresses of members, external collaborators or both without a second factor."""
        is_member = Q(memberships__organization=self)
        works_in = Q(collaborations__project__organization=self)
        people = User.objects.none()
        if members:
            people |= User.objects.filter(is_member)
        if externals:
            people |= User.objects.filter(works_in).exclude(is_member)
        lacking = people.filter(is_active=True).exclude(authenticator__type__in=SECOND_FACTORS)
        return sorted(set(lacking.values_list("email", flat=True)))

    @property
    def initials(self) -> str:
        return compute_initials(self.name)

    @property
    def hue(self) -> int:
        return compute_hue(self.public_id)
