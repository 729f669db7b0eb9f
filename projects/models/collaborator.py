"""Collaborators, the people listed in a project, and the grants an invitation will turn into them."""

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.constraints import choice_constraint
from accounts.enums import Action, OrganizationState
from accounts.errors import Conflict
from accounts.fields import PublicIdField
from accounts.models import Invitation, Membership, User
from accounts.models.periods import first_moment
from accounts.models.principals import Principal
from accounts.permissions import OrganizationRole, Permission, ProjectRole, allows, may_grant_role
from projects.models.project import Project

# How long before somebody's last day they are told of it.
NOTICE = dt.timedelta(days=7)
# Acts that nobody asked for: they were due.
BY_ITSELF = Actor.without_account("Console")


def today() -> dt.date:
    """The day it is now in UTC: an end date is the end of that UTC day."""
    return timezone.now().astimezone(dt.UTC).date()


class CollaboratorQuerySet(models.QuerySet["Collaborator"]):
    def with_people(self) -> Self:
        """Each with their user and membership loaded, as a list needs them."""
        return self.select_related("user", "membership")

    def with_vouchers(self) -> Self:
        """Each with who vouches for them and `is_vouched`: whether that person is still a member."""
        member = Membership.objects.filter(
            user=OuterRef("vouched_by"), organization=OuterRef("project__organization")
        )
        return self.select_related("vouched_by").annotate(is_vouched=Exists(member))

    def current(self) -> Self:
        """Those whose end date has not passed: what counts when access is read."""
        return self.filter(Q(end_date__isnull=True) | Q(end_date__gte=today()))

    def ended(self) -> Self:
        """Those whose end date has passed, which `tend` will remove."""
        return self.filter(end_date__lt=today())

    def to_remind(self) -> Self:
        """Those who lose access within `NOTICE` and were not told of that day yet.

        Not the Owner and Admins, who keep their access, nor where nobody could change the date.
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
        """Those of the projects `principal` can open with `text` in the person's name or email address.

        Addresses that `principal` may not see do not count.
        """
        visible = Project.objects.visible_to(principal)
        with_emails = visible.allowing(Permission.COLLABORATOR_EMAILS_SEE)
        return self.filter(
            Q(user__name__icontains=text, project__in=visible.values("pk"))
            | Q(user__email__icontains=text, project__in=with_emails.values("pk"))
        )

    def of_user(self, user: User | None) -> "Collaborator | None":
        return self.filter(user=user).first()


class Collaborator(models.Model):
    """A user in a project. `membership` is the one they come from; none for an external.

    The database keeps `membership` true: triggers refuse a row that names another user's or
    organization's membership, and hang the rows of an external who becomes a member on it.
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
    # The last day of access, in UTC; the day a reminder of it was sent for.
    end_date = models.DateField(null=True, blank=True)
    reminded_of = models.DateField(null=True, editable=False)
    # Who answers for an external; nobody for a member.
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
        """Takes off the list whose end date has passed; in a transaction that locked the project."""
        record(
            BY_ITSELF,
            Action.COLLABORATOR_ENDED,
            organization=self.project.organization,
            target=self,
            label=f"{self.user.email} in {self.project.slug}",
            before=self.recorded,
        )
        self.take_off()

    def take_off(self) -> None:
        """Deletes the row; its period ends now, or at the end of an end date that has passed."""
        moment = timezone.now()
        if self.end_date:
            moment = min(moment, first_moment(self.end_date + dt.timedelta(days=1)))
        self.project.collaboration_periods.filter(user=self.user_id).end(moment)
        self.delete()

    @property
    def recorded(self) -> dict[str, str]:
        """What the audit log says of them."""
        until = {"end_date": self.end_date.isoformat()} if self.end_date else {}
        return {"role": self.role, **until}

    @property
    def has_ended(self) -> bool:
        """Whether the end date has passed; the row stands until `tend` comes by."""
        return self.end_date is not None and self.end_date < today()

    @property
    def ends_soon(self) -> bool:
        return self.end_date is not None and self.end_date <= today() + NOTICE

    @property
    def keeps_access(self) -> bool:
        """Whether they can open the project without this row: the Owner and Admins always can."""
        return self.membership is not None and self.membership.opens_every_project


class ProjectGrantQuerySet(models.QuerySet["ProjectGrant"]):
    def with_projects(self) -> Self:
        return self.select_related("project").order_by("project__name")

    def accept_for(self, user: User) -> None:
        """Lists `user` in each project granted; whoever is listed already keeps their role.

        Conflict when the inviter could not grant it now, or when externals are no longer allowed.
        Call with the organization's row locked.
        """
        for grant in self.with_projects().select_related("invitation__invited_by"):
            grant.accept_for(user)


class ProjectGrant(models.Model):
    """A project an invitation will open, and as what. Triggers keep both in one organization."""

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
        """See ProjectGrantQuerySet.open_to."""
        inviter = self.invitation.invited_by
        membership = self.project.organization.memberships.filter(user=user).first()
        role = self.project.find_role(Principal.of_user(inviter))
        needed = Permission.COLLABORATORS_MANAGE if membership else Permission.EXTERNALS_MANAGE
        if role is None or not (
            allows(role, needed) and may_grant_role(role, ProjectRole(self.role))
        ):
            raise Conflict(f"{inviter.name} can no longer invite you. Ask for a new invitation.")
        if self.project.is_archived:
            raise Conflict(f"{self.project.name} is archived. Ask {inviter.name} to restore it.")
        if self.end_date and self.end_date < today():
            raise Conflict(f"Your access was to end on {self.end_date}. Ask for a new invitation.")
        if membership is None and self.project.why_no_externals():
            raise Conflict(
                f"{self.project.name} no longer takes external collaborators. "
                f"Ask {inviter.name} to allow them again."
            )
        # A row whose end date has passed gives no access: it makes room for what is granted now.
        for over in self.project.collaborators.ended().filter(user=user):
            over.end()
        Collaborator.objects.get_or_create(
            project=self.project,
            user=user,
            defaults={
                "membership": membership,
                "role": self.role,
                "added_by": inviter,
                "end_date": self.end_date,
                "vouched_by": None if membership else inviter,
            },
        )
