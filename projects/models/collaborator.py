"""Collaborators of projects, and the grants from which accepted invitations create them."""

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts.access.endings import end_lost_access
from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.constraints import choice_constraint
from accounts.enums import Action, OrganizationState
from accounts.errors import Conflict
from accounts.fields import PublicIdField
from accounts.models import Invitation, Membership, User
from accounts.models.membership import ACTIVITY_STEP
from accounts.models.periods import first_moment
from accounts.models.principals import Principal
from accounts.permissions import OrganizationRole, Permission, ProjectRole, allows, may_grant_role
from accounts.queries.clock import query_date
from accounts.searching import match_first_line, match_words
from projects.models.project import Project

# How long before the end date people are reminded of it.
NOTICE = dt.timedelta(days=7)
# The actor of scheduled actions.
BY_ITSELF = Actor.without_account("Console")


def today() -> dt.date:
    """Returns the current day in UTC. An end date stands for the end of that day in UTC."""
    return timezone.now().astimezone(dt.UTC).date()


class CollaboratorQuerySet(models.QuerySet["Collaborator"]):
    def with_people(self) -> Self:
        """Loads the user and the membership of each row."""
        return self.select_related("user", "membership")

    def with_vouchers(self) -> Self:
        """Loads the voucher of each row and annotates `is_vouched`: whether they are still a member."""
        member = Membership.objects.filter(
            user=OuterRef("vouched_by"), organization=OuterRef("project__organization")
        )
        return self.select_related("vouched_by").annotate(is_vouched=Exists(member))

    def current(self) -> Self:
        """Rows whose end date has not passed. Only these give access."""
        return self.filter(Q(end_date__isnull=True) | Q(end_date__gte=query_date()))

    def ended(self) -> Self:
        """Rows whose end date has passed. `tend` removes them."""
        return self.filter(end_date__lt=today())

    def to_remind(self) -> Self:
        """People who lose access within `NOTICE` and have not been reminded of that end date.

        Leaves out the Owner and Admins, who keep their access, and frozen projects, whose end dates
        cannot be changed.
        """
        return (
            self.current()
            .filter(
                Q(membership__isnull=True) | Q(membership__role=OrganizationRole.MEMBER),
                end_date__lte=today() + NOTICE,
                project__archived_at__isnull=True,
                project__organization__state=OrganizationState.ACTIVE,
            )
            .exclude(reminded_of=F("end_date"))
        )

    def admins(self) -> Self:
        return self.filter(role=ProjectRole.ADMIN)

    def external(self) -> Self:
        return self.filter(membership__isnull=True)

    def matching(self, text: str, principal: Principal) -> Self:
        """Rows of visible projects with `text` in the person's name or email address.

        Email addresses that `principal` may not see are not searched.
        """
        visible = Project.objects.visible_to(principal)
        with_emails = visible.allowing(Permission.COLLABORATOR_EMAILS_SEE)
        return self.filter(
            (match_first_line(text, "user__search_text") & Q(project__in=visible.values("pk")))
            | (match_words(text, "user__search_text") & Q(project__in=with_emails.values("pk")))
        )

    def mark_active(self) -> None:
        """Sets `last_active_at` to now, unless it was set within `ACTIVITY_STEP`."""
        now = timezone.now()
        stale = Q(last_active_at__isnull=True) | Q(last_active_at__lt=now - ACTIVITY_STEP)
        self.filter(stale).update(last_active_at=now)

    def of_user(self, user: User | None) -> "Collaborator | None":
        return self.filter(user=user).first()


class Collaborator(models.Model):
    """A user with access to a project. External collaborators have no `membership`.

    Triggers refuse a membership of another user or organization, and set `membership` when an
    external collaborator becomes a member.
    """

    public_id = PublicIdField("collab")
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="collaborators")
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="collaborations")
    membership = models.ForeignKey(
        Membership, on_delete=models.CASCADE, null=True, related_name="collaborators"
    )
    role = models.CharField(max_length=10, choices=ProjectRole.choices, default=ProjectRole.MEMBER)
    added_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="+"
    )
    added_at = models.DateTimeField(default=timezone.now, editable=False)
    # When an external collaborator last opened a page of the project. Of members, see Membership.
    last_active_at = models.DateTimeField(null=True, editable=False)
    # The last day of access in UTC, and the end date for which a reminder was sent.
    end_date = models.DateField(null=True, blank=True)
    reminded_of = models.DateField(null=True, editable=False)
    # The member who vouches for an external collaborator; empty for members.
    vouched_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="vouched_collaborations",
    )

    objects = CollaboratorQuerySet.as_manager()

    # An annotation of `with_vouchers`.
    is_vouched: bool

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["project", "user"], name="collaborator_once_per_project"
            ),
            choice_constraint("role", ProjectRole, "collaborator"),
        ]
        indexes = [
            models.Index(fields=["project", "added_at", "id"], name="collaborator_by_added"),
            models.Index(
                fields=["end_date"],
                condition=Q(end_date__isnull=False),
                name="collaborator_by_end_date",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user} in {self.project}"

    def end(self) -> None:
        """Removes a row whose end date has passed. Call it with the organization locked."""
        record(
            BY_ITSELF,
            Action.COLLABORATOR_ENDED,
            organization=self.project.organization,
            target=self,
            label=f"{self.user.email} in {self.project.slug}",
            before=self.recorded,
        )
        self.take_off(BY_ITSELF)

    def take_off(self, actor: Actor) -> None:
        """Deletes the row and ends its period of access, at the end date if that has passed.

        Tokens for the project end too, unless another role of the person allows them.
        """
        # Before the row is deleted: a trigger would revoke them as well, without an audit event.
        if self.membership_id is None:
            self.project.personal_tokens.filter(user=self.user_id).revoke_all(actor)
        self.delete_with_period()
        end_lost_access(actor=actor, user=self.user, organization=self.project.organization)

    def delete_with_period(self) -> None:
        """Deletes the row and ends its period of access, at the end date if that has passed."""
        moment = timezone.now()
        if self.has_ended:
            assert self.end_date is not None
            moment = first_moment(self.end_date + dt.timedelta(days=1))
        self.project.collaboration_periods.filter(user=self.user_id).end(moment)
        self.delete()

    @property
    def recorded(self) -> dict[str, str]:
        """The role and end date as the audit log records them."""
        until = {"end_date": self.end_date.isoformat()} if self.end_date else {}
        return {"role": self.role, **until}

    @property
    def has_ended(self) -> bool:
        """Whether the end date has passed. `tend` has not removed the row yet."""
        return self.end_date is not None and self.end_date < today()

    @property
    def ends_soon(self) -> bool:
        return self.end_date is not None and self.end_date <= today() + NOTICE

    @property
    def keeps_access(self) -> bool:
        """Whether the person can open the project without this row, as the Owner and Admins can."""
        return self.membership is not None and self.membership.opens_every_project


class ProjectGrantQuerySet(models.QuerySet["ProjectGrant"]):
    def with_projects(self) -> Self:
        return self.select_related("project").order_by("project__search_text")

    def accept_for(self, user: User) -> None:
        """Adds `user` to each project granted. Existing collaborators keep their role.

        Raises Conflict if the inviter could not grant it now or externals are no longer allowed.
        Call it with the organization's row locked.
        """
        for grant in self.with_projects().select_related(
            "invitation__invited_by", "invitation__organization"
        ):
            grant.accept_for(user)


class ProjectGrant(models.Model):
    """A project, and the role in it, that an accepted invitation gives."""

    invitation = models.ForeignKey(
        Invitation, on_delete=models.CASCADE, related_name="project_grants"
    )
    project = models.ForeignKey(Project, on_delete=models.PROTECT, related_name="grants")
    role = models.CharField(max_length=10, choices=ProjectRole.choices, default=ProjectRole.MEMBER)
    end_date = models.DateField(null=True, blank=True)

    objects = ProjectGrantQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["invitation", "project"], name="projectgrant_once_per_invitation"
            ),
            choice_constraint("role", ProjectRole, "projectgrant"),
        ]

    def __str__(self) -> str:
        return f"{self.project} for {self.invitation}"

    def accept_for(self, user: User) -> None:
        """See ProjectGrantQuerySet.accept_for."""
        inviter, name = self.invitation.inviter, self.invitation.inviter_name
        membership = self.project.organization.memberships.filter(user=user).first()
        role = self.project.find_role(inviter)
        needed = Permission.COLLABORATORS_MANAGE if membership else Permission.EXTERNALS_MANAGE
        if role is None or not (
            allows(role, needed) and may_grant_role(role, ProjectRole(self.role))
        ):
            raise Conflict(f"{name} can no longer invite you. Ask for a new invitation.")
        if self.project.is_archived:
            raise Conflict(f"{self.project.name} is archived. Ask {name} to restore it.")
        if self.end_date and self.end_date < today():
            raise Conflict(f"Your access was to end on {self.end_date}. Ask for a new invitation.")
        if membership is None and self.project.why_no_externals():
            raise Conflict(
                f"{self.project.name} no longer takes external collaborators. "
                f"Ask {name} to allow them again."
            )
        # A row whose end date has passed gives no access and would be in the way of the new one.
        for over in self.project.collaborators.ended().filter(user=user):
            over.end()
        Collaborator.objects.get_or_create(
            project=self.project,
            user=user,
            defaults={
                "membership": membership,
                "role": self.role,
                "added_by": inviter.user,
                "end_date": self.end_date,
                "vouched_by": None if membership else inviter.user,
            },
        )
