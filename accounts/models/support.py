"""Requests of organizations to support staff, and the views of staff as a member."""

import datetime as dt
from typing import Self

from django.db import models
from django.utils import timezone

from accounts.constraints import choice_constraint
from accounts.enums import SupportRequestKind, SupportRequestState
from accounts.fields import PublicIdField
from accounts.models.made_by import MadeByPrincipal, single_maker_constraint
from accounts.models.organization import Organization
from accounts.models.principals import Principal
from accounts.models.user import User

VIEW_LIFETIME = dt.timedelta(minutes=30)
MOST_PROJECTS = 10_000
REASON_LENGTH = 2000
# Two clocks are read by one insert; they differ by microseconds.
CLOCK_TOLERANCE = dt.timedelta(seconds=1)


def view_end() -> dt.datetime:
    return timezone.now() + VIEW_LIFETIME


class SupportRequest(MadeByPrincipal):
    """A request for more projects or for external collaborators; staff answer it in Django admin."""

    public_id = PublicIdField("request")
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="support_requests"
    )
    kind = models.CharField(max_length=10, choices=SupportRequestKind.choices)
    reason = models.TextField(max_length=REASON_LENGTH)
    # How many projects they want to be able to have, if they said so.
    requested_limit = models.PositiveIntegerField(null=True)
    requested_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        db_column="asked_by_id",
        related_name="support_requests",
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    state = models.CharField(
        max_length=10, choices=SupportRequestState.choices, default=SupportRequestState.PENDING
    )
    answer = models.TextField(max_length=2000, blank=True, editable=False)
    answered_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, editable=False, related_name="answered_requests"
    )
    answered_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "kind"],
                condition=models.Q(state=SupportRequestState.PENDING),
                name="supportrequest_one_pending",
            ),
            models.CheckConstraint(
                condition=models.Q(requested_limit=None)
                | models.Q(
                    kind=SupportRequestKind.PROJECTS, requested_limit__range=(1, MOST_PROJECTS)
                ),
                name="supportrequest_limit_of_projects",
            ),
            single_maker_constraint("requested_by", "supportrequest"),
            choice_constraint("kind", SupportRequestKind, "supportrequest"),
            choice_constraint("state", SupportRequestState, "supportrequest"),
        ]

    def __str__(self) -> str:
        return f"{self.organization}: {self.get_kind_display()}"

    @property
    def is_pending(self) -> bool:
        return self.state == SupportRequestState.PENDING

    @property
    def requester(self) -> Principal:
        """The person or program that sent it."""
        return Principal.of_user(self.requested_by) if self.requested_by else self.program

    def finish(self, state: SupportRequestState, by: User | None, answer: str = "") -> None:
        """Answers the request, or withdraws it; then `by` is not staff, and None for a program."""
        self.state, self.answer, self.answered_by = state, answer, by
        self.answered_at = timezone.now()
        self.save(update_fields=["state", "answer", "answered_by", "answered_at"])


class ViewAsQuerySet(models.QuerySet["ViewAs"]):
    def unended(self) -> Self:
        """Views whose end is not recorded; their half hour may be over."""
        return self.filter(ended_at__isnull=True)

    def with_people(self) -> Self:
        return self.select_related("staff", "user", "organization")


class ViewAs(models.Model):
    """Half an hour of read-only access in which a staff user sees what a member sees."""

    public_id = PublicIdField("view")
    staff = models.ForeignKey(User, on_delete=models.PROTECT, related_name="views_as")
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="views_as"
    )
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="viewed_as")
    reason = models.CharField(max_length=500)
    started_at = models.DateTimeField(default=timezone.now, editable=False)
    ends_at = models.DateTimeField(default=view_end, editable=False)
    ended_at = models.DateTimeField(null=True, editable=False)

    objects = ViewAsQuerySet.as_manager()

    class Meta:
        verbose_name, verbose_name_plural = "view as a member", "views as a member"
        constraints = [
            models.UniqueConstraint(
                fields=["staff"],
                condition=models.Q(ended_at__isnull=True),
                name="viewas_one_at_a_time",
            ),
            models.CheckConstraint(
                condition=models.Q(ends_at__gt=models.F("started_at"))
                & models.Q(ends_at__lt=models.F("started_at") + VIEW_LIFETIME + CLOCK_TOLERANCE),
                name="viewas_half_an_hour",
            ),
            models.CheckConstraint(
                condition=~models.Q(staff=models.F("user")), name="viewas_somebody_else"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.staff} as {self.user} in {self.organization}"

    @property
    def may_go_on(self) -> bool:
        """Whether the time is not over, the viewer is still staff and the viewed user still a member."""
        return (
            self.ended_at is None
            and self.ends_at > timezone.now()
            and self.staff.is_staff
            and self.staff.is_active
            and self.user.is_active
            and not self.user.is_staff
            and self.organization.memberships.filter(user=self.user).exists()
        )

    def end(self) -> None:
        """Records the end: now, or when the time was over."""
        self.ended_at = min(timezone.now(), self.ends_at)
        self.save(update_fields=["ended_at"])
