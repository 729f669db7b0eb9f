"""Offers of ownership from an organization's Owner to another member."""

import datetime as dt
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from accounts.constraints import choice_constraint
from accounts.enums import OfferState
from accounts.fields import PublicIdField
from accounts.models.organization import Organization
from accounts.models.user import User

LIFETIME = dt.timedelta(days=7)


def offer_end() -> dt.datetime:
    return timezone.now() + LIFETIME


class OwnershipOfferQuerySet(models.QuerySet["OwnershipOffer"]):
    def pending(self) -> Self:
        """Offers without an answer. An expired one stays pending until the Owner makes another."""
        return self.filter(state=OfferState.PENDING)

    def open(self) -> Self:
        """Offers that can be accepted now."""
        return self.pending().filter(expires_at__gt=timezone.now())

    def with_people(self) -> Self:
        return self.select_related("organization", "offered_by", "offered_to")


class OwnershipOffer(models.Model):
    """An offer of the Owner's role to a member, who has seven days to accept.

    Accepting is one statement: when the state becomes `accepting`, a trigger swaps the two roles and sets
    the state to `accepted` (accounts/triggers/members.py). There is always exactly one Owner, even within
    the transaction.
    """

    public_id = PublicIdField("offer")
    organization = models.ForeignKey(
        Organization, on_delete=models.PROTECT, related_name="ownership_offers"
    )
    offered_by = models.ForeignKey(User, on_delete=models.PROTECT, related_name="ownership_offers")
    offered_to = models.ForeignKey(
        User, on_delete=models.PROTECT, related_name="offered_ownerships"
    )
    state = models.CharField(
        max_length=10, choices=OfferState.choices, default=OfferState.PENDING, editable=False
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField(default=offer_end, editable=False)
    answered_at = models.DateTimeField(null=True, editable=False)

    objects = OwnershipOfferQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["organization"],
                condition=Q(state=OfferState.PENDING),
                name="ownershipoffer_one_pending",
            ),
            models.CheckConstraint(
                condition=~Q(offered_by=F("offered_to")), name="ownershipoffer_somebody_else"
            ),
            choice_constraint("state", OfferState, "ownershipoffer"),
        ]

    def __str__(self) -> str:
        return f"{self.organization} to {self.offered_to}"

    @property
    def is_expired(self) -> bool:
        return self.expires_at <= timezone.now()

    def finish(self, state: OfferState) -> None:
        """Sets the final state; `OfferState.ACCEPTING` transfers the ownership, see the class."""
        self.state, self.answered_at = state, timezone.now()
        self.save(update_fields=["state", "answered_at"])
