"""Ends ownership offers: when they are answered, or when one of the two people leaves."""

from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action, OfferState
from accounts.models import Organization, OwnershipOffer, User
from accounts.outbox import notify

ACTIONS = {
    OfferState.PENDING: Action.OWNERSHIP_OFFERED,
    OfferState.ACCEPTED: Action.OWNERSHIP_TRANSFERRED,
    OfferState.DECLINED: Action.OWNERSHIP_DECLINED,
    OfferState.WITHDRAWN: Action.OWNERSHIP_WITHDRAWN,
}


def end_offers(*, actor: Actor, organization: Organization, member: User | None = None) -> None:
    """Withdraws the pending offer, or only one to `member`, of a locked organization."""
    offers = organization.ownership_offers.pending().with_people()
    if member is not None:
        offers = offers.filter(offered_to=member)
    for offer in offers:
        end_offer(offer, OfferState.WITHDRAWN, actor)


def end_offer(offer: OwnershipOffer, state: OfferState, actor: Actor) -> None:
    offer.finish(state)
    announce_offer(offer, actor)


def announce_offer(offer: OwnershipOffer, actor: Actor) -> None:
    """Records the offer's state in the audit log and mails both people."""
    before, after = {}, {"owner": offer.offered_by.email, "offered_to": offer.offered_to.email}
    if offer.state == OfferState.ACCEPTED:
        before, after = {"owner": offer.offered_by.email}, {"owner": offer.offered_to.email}
    record(
        actor,
        ACTIONS[OfferState(offer.state)],
        organization=offer.organization,
        target=offer,
        label=offer.offered_to.email,
        before=before,
        after=after,
    )
    for person in (offer.offered_by, offer.offered_to):
        subject = f"Ownership of {offer.organization.name}"
        notify(person, subject, "accounts/mail/ownership.txt", offer=offer, actor=actor)
