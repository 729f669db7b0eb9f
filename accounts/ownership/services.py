"""Transfers ownership: the Owner offers it, and a member accepts."""

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.access.endings import end_lost_access
from accounts.access.organization import find_organization_access, lock_organization
from accounts.actors import Actor
from accounts.enums import OfferState
from accounts.errors import Conflict
from accounts.models import Organization, OwnershipOffer, User
from accounts.organizations.services.offers import announce_offer, end_offer
from accounts.permissions import Permission

FINISHED = {
    OfferState.ACCEPTED: "This offer has already been accepted.",
    OfferState.DECLINED: "This offer was declined. The Owner can make a new one.",
    OfferState.WITHDRAWN: "This offer was withdrawn. The Owner can make a new one.",
}
EXPIRED = "This offer has expired. The Owner can make a new one."


@transaction.atomic
def offer_ownership(*, actor: Actor, organization: Organization, email: str) -> OwnershipOffer:
    """Offers the actor's ownership to the member with this (normalized) email address.

    An expired offer is withdrawn first. Raises Conflict while another offer is open; ValidationError at
    `email` if it is not the address of another member.
    """
    access = lock_organization(actor.principal, organization, Permission.ORGANIZATION_TRANSFER)
    member = find_new_owner(access.organization, actor.person, email)
    for pending in access.organization.ownership_offers.pending().with_people():
        if not pending.is_expired:
            raise Conflict(
                f"You already offered it to {pending.offered_to.name}. Withdraw that offer first."
            )
        end_offer(pending, OfferState.WITHDRAWN, actor)
    offer = access.organization.ownership_offers.create(offered_by=actor.person, offered_to=member)
    announce_offer(offer, actor)
    return offer


def find_new_owner(organization: Organization, owner: User, email: str) -> User:
    """Returns the member with this address. Raises ValidationError for the Owner and for non-members."""
    if email == owner.email:
        raise ValidationError(
            {"email": "You are already the Owner. Enter another member's email address."}
        )
    membership = (
        organization.memberships.select_related("user")
        .filter(user__email=email, user__is_active=True)
        .first()
    )
    if membership is None:
        raise ValidationError(
            {
                "email": f"No member of {organization.name} has this email address. Invite them first."
            }
        )
    return membership.user


@transaction.atomic
def withdraw_offer(*, actor: Actor, organization: Organization) -> None:
    """Withdraws the Owner's pending offer. Raises Conflict if there is none any more."""
    access = lock_organization(actor.principal, organization, Permission.ORGANIZATION_TRANSFER)
    offer = access.organization.ownership_offers.pending().with_people().first()
    if offer is None:
        raise Conflict("There is no offer to withdraw. It was answered or withdrawn.")
    end_offer(offer, OfferState.WITHDRAWN, actor)


@transaction.atomic
def decline_offer(*, actor: Actor, offer: OwnershipOffer) -> None:
    """Declines the offer; the Owner stays the Owner."""
    end_offer(lock_pending_offer(actor, offer), OfferState.DECLINED, actor)


@transaction.atomic
def accept_offer(*, actor: Actor, offer: OwnershipOffer) -> None:
    """Makes the actor the Owner and the previous Owner an Admin.

    Raises Conflict if the offer was answered or has expired, or while the organization is frozen, and
    SecondFactorMissing if it requires one that the actor lacks.
    """
    locked = lock_pending_offer(actor, offer)
    if locked.is_expired:
        raise Conflict(EXPIRED)
    if locked.organization.why_frozen:
        raise Conflict(f"{locked.organization.why_frozen} Its ownership cannot be transferred now.")
    if not is_still_valid(locked):
        raise Conflict(FINISHED[OfferState.WITHDRAWN])
    find_organization_access(actor.principal, pk=locked.organization_id)
    locked.finish(OfferState.ACCEPTING)
    locked.refresh_from_db(fields=["state"])
    end_lost_access(actor=actor, user=locked.offered_by, organization=locked.organization)
    announce_offer(locked, actor)


def lock_pending_offer(actor: Actor, offer: OwnershipOffer) -> OwnershipOffer:
    """Locks the organization and returns the offer to the actor. Raises Conflict if it is not pending."""
    Organization.objects.lock(offer.organization_id)
    locked = OwnershipOffer.objects.with_people().filter(offered_to=actor.person).get(pk=offer.pk)
    if locked.state != OfferState.PENDING:
        raise Conflict(FINISHED[OfferState(locked.state)])
    return locked


def is_still_valid(offer: OwnershipOffer) -> bool:
    """Returns whether the offer is still from the Owner and to a member."""
    memberships = offer.organization.memberships
    is_member = memberships.filter(user=offer.offered_to).exists()
    return is_member and memberships.owner().user == offer.offered_by
