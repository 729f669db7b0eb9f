"""Invitations to an organization, or of an external collaborator to one project."""

import datetime as dt
from collections.abc import Collection
from enum import StrEnum
from typing import Self, TypedDict

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.constraints import choice_constraint
from accounts.crypto.tokens import (
    CHECKSUM_LENGTH,
    MAC_LENGTH,
    add_checksum,
    compute_macs,
    has_checksum,
)
from accounts.enums import Delivery, InvitationState
from accounts.fields import ID_LENGTH, AddressField, CreatedWithField, PublicIdField
from accounts.models.made_by import MadeByPrincipal, single_maker_constraint
from accounts.models.organization import Organization
from accounts.models.principals import Principal
from accounts.models.user import User
from accounts.permissions import OrganizationRole
from accounts.queries.clock import query_time
from accounts.searching import Searchable, SearchTextField

LIFETIME = dt.timedelta(days=7)
ID_PREFIX = "invitation"
TOKEN_PREFIX = "inv_"  # noqa: S105  (a prefix, not a secret)
TOKEN_LENGTH = len(TOKEN_PREFIX) + ID_LENGTH + MAC_LENGTH + CHECKSUM_LENGTH


class Link(StrEnum):
    """The two links of an invitation. Only the mailed one proves that its user reads email to the address."""

    MAILED = "mailed"
    COPIED = "copied"

    @property
    def proves_address(self) -> bool:
        """Whether opening the link proves that the user can read email to the invited address.

        A copied link does not, except on consoles without a mail server (NO_MAIL).
        """
        return self == Link.MAILED or settings.NO_MAIL


class InvitationTarget(TypedDict):
    """The arguments of `record` that all events of an invitation share."""

    organization: Organization
    target: "Invitation"
    label: str


def fresh_end() -> dt.datetime:
    return timezone.now() + LIFETIME


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def pending(self) -> Self:
        """Invitations neither answered nor withdrawn. That includes expired ones, which can be resent."""
        return self.filter(state=InvitationState.PENDING)

    def waiting_for(self, user: User) -> Self:
        """Pending invitations to an email address that `user` has verified."""
        addresses = user.emailaddress_set.filter(verified=True).values("email")
        return self.pending().filter(email__in=addresses)

    def sent_by_program(self, program_ref: str) -> Self:
        """Pending invitations that a program sent."""
        return self.pending().filter(program_ref=program_ref)

    def sent_with(self, credentials: Collection[str]) -> Self:
        """Pending invitations that were sent last with one of the credentials (public ids)."""
        # An admin API key is a program and a credential: this also finds what the version before wrote.
        return self.pending().filter(Q(sent_with__in=credentials) | Q(program_ref__in=credentials))

    def open_for(self, principal: Principal) -> Self:
        """Invitations that the principal can accept now. Only users can accept any."""
        if principal.user is None:
            return self.none()
        viewed_in = principal.viewed_in
        visible = self.filter(organization=viewed_in) if viewed_in else self
        return visible.waiting_for(principal.user).filter(expires_at__gt=query_time())

    def by_token(self, token: str) -> "tuple[Invitation, Link] | None":
        """Returns the invitation with this token and which of its links it is; None if there is none.

        A wrong checksum costs no query.
        """
        if len(token) != TOKEN_LENGTH or not token.isascii() or not has_checksum(token):
            return None
        body = token.removeprefix(TOKEN_PREFIX)
        public_id = f"{ID_PREFIX}_{body[:ID_LENGTH]}"
        invitation = self.filter(public_id=public_id).select_related("organization").first()
        if invitation is None:
            return None
        link = next((link for link in Link if token in invitation.accepted_tokens(link)), None)
        return (invitation, link) if link else None


class Invitation(MadeByPrincipal, Searchable):
    """An invitation to one email address. It expires after seven days and can be used once.

    `role` is the role it grants in the organization; empty if it invites an external collaborator to the
    project with the public id `project_ref` (the grant itself is a row of the projects app). `invited_by` is
    the person who sent it last; None for a program. The secret tokens are derived, never stored: see `token`.
    """

    public_id = PublicIdField(ID_PREFIX)
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="invitations"
    )
    email = AddressField()
    search_text = SearchTextField("email")
    role = models.CharField(max_length=10, choices=OrganizationRole.choices, blank=True)
    project_ref = models.CharField(max_length=40, blank=True, editable=False)
    invited_by = models.ForeignKey(
        User, on_delete=models.PROTECT, null=True, related_name="sent_invitations"
    )
    # The public id of the token or admin API key that sent it last; empty for a session.
    sent_with = CreatedWithField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    sent_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(default=fresh_end)
    generation = models.PositiveIntegerField(default=1, editable=False)
    delivery = models.CharField(
        max_length=10, choices=Delivery.choices, default=Delivery.QUEUED, editable=False
    )
    state = models.CharField(
        max_length=10, choices=InvitationState.choices, default=InvitationState.PENDING
    )
    answered_at = models.DateTimeField(null=True, editable=False)
    answered_by = models.ForeignKey(
        User,
        on_delete=models.PROTECT,
        null=True,
        editable=False,
        related_name="answered_invitations",
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization", "project_ref", "email"],
                condition=Q(state=InvitationState.PENDING),
                name="invitation_one_pending",
            ),
            models.CheckConstraint(
                condition=Q(
                    role__in=[OrganizationRole.ADMIN, OrganizationRole.MEMBER], project_ref=""
                )
                | (Q(role="") & ~Q(project_ref="")),
                name="invitation_role_or_project",
            ),
            models.CheckConstraint(
                condition=Q(expires_at__gt=models.F("sent_at")), name="invitation_ends_after_sent"
            ),
            single_maker_constraint("invited_by", "invitation"),
            choice_constraint("state", InvitationState, "invitation"),
            choice_constraint("delivery", Delivery, "invitation"),
        ]
        indexes = [models.Index(fields=["email", "state"], name="invitation_by_email")]

    def __str__(self) -> str:
        return f"{self.email} to {self.organization}"

    @property
    def is_pending(self) -> bool:
        return self.state == InvitationState.PENDING

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    def token(self, link: Link) -> str:
        """Returns the secret token of `link`. Resending raises the generation, which ends older tokens."""
        return self.accepted_tokens(link)[0]

    def accepted_tokens(self, link: Link) -> list[str]:
        """Returns the token of `link` under the present pepper, then those under previous ones."""
        body = self.public_id.removeprefix(f"{ID_PREFIX}_")
        secrets = compute_macs("invitation", link, self.public_id, str(self.generation))
        return [add_checksum(f"{TOKEN_PREFIX}{body}{secret}") for secret in secrets]

    def url(self, link: Link) -> str:
        """Returns the URL of `link` on BASE_URL, whatever the request's Host header says."""
        return settings.BASE_URL + reverse("invitation", args=[self.token(link)])

    @property
    def inviter(self) -> Principal:
        """The person or program that sent it last."""
        return Principal.of_absent(self.invited_by) if self.invited_by else self.program

    @property
    def inviter_name(self) -> str:
        """Who invited them, for the invited person: a person, or the organization if a program did."""
        return self.invited_by.name if self.invited_by else self.organization.name

    def set_inviter(self, principal: Principal) -> None:
        self.invited_by = principal.user
        self.sent_with = principal.credential_id
        self.set_program(principal)

    def renew(self, inviter: Principal) -> None:
        """Extends the invitation by seven days and replaces its links; `inviter` is who resends it."""
        self.set_inviter(inviter)
        self.generation += 1
        self.sent_at = timezone.now()
        self.expires_at = fresh_end()
        self.delivery = Delivery.QUEUED
        self.save(
            update_fields=[
                *("invited_by", "program_ref", "program_name", "sent_with"),
                *("generation", "sent_at", "expires_at", "delivery"),
            ]
        )

    @property
    def audit_target(self) -> InvitationTarget:
        """The arguments of `accounts.audit.writer.record`; the label is the invited email address."""
        return {"organization": self.organization, "target": self, "label": self.email}

    def finish(self, state: InvitationState, user: User | None) -> None:
        self.state = state
        self.answered_at = timezone.now()
        self.answered_by = user
        self.save(update_fields=["state", "answered_at", "answered_by"])
