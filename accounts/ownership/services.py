"""Hands an organization over: its Owner offers, a member accepts."""

from django.core.exceptions import ValidationError
from django.db import transaction

from accounts.access.organization import lock_organization
from accounts.actors import Actor
from accounts.enums import OfferState
from accounts.errors import Conflict
from accounts.models import Organization, OwnershipOffer, User
from accounts.organizations.services.offers import announce_offer, end_offer
from accounts.permissions import Permission

FINISHED = {
    OfferState.ACCEPTED: "This offer has already been accepted.",
    OfferState.DECLINED: "This offer was declined. The Owner can make another.",
    OfferState.WITHDRAWN: "This offer was withdrawn. The Owner can make another.",
}
EXPIRED = "This offer has expired. The Owner can make another."


@transaction.atomic
def offer_ownership(*, actor: Actor, organization: Organization, email: str) -> OwnershipOffer:
    """Offers the actor's ownership to the member with that (normalised) address.

    Conflict while another offer is open; one that has expired is withdrawn by this one.
    ValidationError on `email` for whoever is no other member.
    """
    access = lock_organization(actor.principal, organization, Permission.ORGANIZATION_TRANSFER)
    member = find_new_owner(access.organization, actor.person, email)
    for pending in access.organization.ownership_offers.pending().with_people():
        if not pending.is_expired:
            raise Conflict(
                f"You have offered it to {pending.offered_to.name}. Withdraw that offer first."
            )
        end_offer(pending, OfferState.WITHDRAWN, actor)
    offer = access.organization.ownership_offers.create(offered_by=actor.person, offered_to=member)
    announce_offer(offer, actor)
    return offer


def find_new_owner(organization: Organization, owner: User, email: str) -> User:
    """Who is to be the next Owner; ValidationError for the present one and for whoever is no member."""
    if email == owner.email:
        raise ValidationError(
            {"email": "You are the Owner already. Enter another member's address."}
        )
    membership = (
        organization.memberships.select_related("user")
        .filter(user__email=email, user__is_active=True)
        .first()
    )
    if membership is None:
        raise ValidationError(
            {"email": f"No member of {organization.name} has this address. Invite them first."}
        )
    return membership.user


@transaction.atomic
def withdraw_offer(*, actor: Actor, organization: Organization) -> None:
    """Takes the Owner's pending offer back; Conflict when there is none any more."""
    access = lock_organization(actor.principal, organization, Permission.ORGANIZATION_TRANSFER)
    offer = access.organization.ownership_offers.pending().with_people().first()
    if offer is None:
        raise Conflict("There is no offer to withdraw: it has been answered or withdrawn.")
    end_offer(offer, OfferState.WITHDRAWN, actor)


@transaction.atomic
def decline_offer(*, actor: Actor, offer: OwnershipOffer) -> None:
    """The member says no; the Owner stays."""
    end_offer(lock_pending_offer(actor, offer), OfferState.DECLINED, actor)


@transaction.atomic
def accept_offer(*, actor: Actor, offer: OwnershipOffer) -> None:
    """Makes the actor the Owner, and who offered it an Admin.

    Conflict when the offer is finished or has expired, or while nothing may be changed.
    """
    locked = lock_pending_offer(actor, offer)
    if locked.is_expired:
        raise Conflict(EXPIRED)
    if locked.organization.why_frozen:
        raise Conflict(f"{locked.organization.why_frozen} It cannot change hands now.")
    if not is_still_valid(locked):
        raise Conflict(FINISHED[OfferState.WITHDRAWN])
    locked.finish(OfferState.ACCEPTING)
    locked.refresh_from_db(fields=["state"])
    announce_offer(locked, actor)


def lock_pending_offer(actor: Actor, offer: OwnershipOffer) -> OwnershipOffer:
    """The offer to the actor with its organization locked; Conflict when it is finished."""
    Organization.objects.lock(offer.organization_id)
    locked = OwnershipOffer.objects.with_people().filter(offered_to=actor.person).get(pk=offer.pk)
    if locked.state != OfferState.PENDING:
        raise Conflict(FINISHED[OfferState(locked.state)])
    return locked


def is_still_valid(offer: OwnershipOffer) -> bool:
    """Whether who offered is the Owner and who was asked a member."""
    memberships = offer.organization.memberships
    is_member = memberships.filter(user=offer.offered_to).exists()
    return is_member and memberships.owner().user == offer.offered_by
