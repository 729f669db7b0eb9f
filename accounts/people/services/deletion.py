"""Deletes accounts: all access ends, the row is emptied, history stays."""

from django.db import transaction
from django.db.models import QuerySet

from accounts.access.organization import lock_person
from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action, InvitationState
from accounts.errors import Conflict
from accounts.models import Invitation, Organization, User
from accounts.organizations.services.closing import close_locked_organization, get_api_keys
from accounts.organizations.services.offers import end_offers
from accounts.outbox import queue_mail

CLOSED_WITH_ACCOUNT = "The organization was closed with its Owner's account."
STAFF = "Support accounts are not deleted here. Ask whoever runs this console."


def delete_account(*, actor: Actor) -> None:
    """Ends all access of the actor and anonymises their row.

    An organization in which they are alone is closed with it. Conflict for support staff, and for
    the Owner of an organization with other members, naming it.
    """
    if actor.person.is_staff:
        raise Conflict(STAFF)
    while True:
        known = find_organizations(actor.person)
        with transaction.atomic():
            organizations = list(Organization.objects.filter(pk__in=known).in_lock_order())
            person = lock_person(actor.person)
            # Somebody may have let them in between the look and the locks.
            if find_organizations(person) <= known:
                delete_locked(actor, person, organizations)
                return


def find_organizations(user: User) -> set[int]:
    """The organizations in which something of theirs ends, by primary key."""
    return {
        *user.memberships.values_list("organization_id", flat=True),
        *user.collaborations.values_list("project__organization_id", flat=True),
        *Invitation.objects.waiting_for(user).values_list("organization_id", flat=True),
    }


def find_organizations_to_close(user: User) -> QuerySet[Organization]:
    """The organizations that are closed with the account: they have no other members."""
    return Organization.objects.owned_by(user).unshared()


def count_keys_to_revoke(user: User) -> int:
    """How many active API keys are revoked with those organizations."""
    return sum(
        get_api_keys(organization).active().count()
        for organization in find_organizations_to_close(user)
    )


def count_remaining_keys(user: User) -> int:
    """How many active API keys they made stay in organizations that go on."""
    made = user.created_keys.listed().active()
    return made.exclude(project__organization__in=find_organizations_to_close(user)).count()


def describe_obstacle(user: User) -> str:
    """Why the account cannot be deleted now, and what to do about it; empty when it can."""
    if user.is_staff:
        return STAFF
    held = Organization.objects.owned_by(user).shared().values_list("name", flat=True)
    if not held:
        return ""
    return (
        f"You are the Owner of {', '.join(held)}, where other people are members. "
        "Transfer the ownership or close it first."
    )


def delete_locked(actor: Actor, person: User, organizations: list[Organization]) -> None:
    if reason := describe_obstacle(person):
        raise Conflict(reason)
    address = person.email
    for organization in organizations:
        leave_for_deletion(actor, person, organization)
    record(actor, Action.ACCOUNT_DELETED, organization=None, target=person)
    person.anonymise()
    queue_mail(
        address, "Your account is deleted", "accounts/mail/account_deleted.txt", address=address
    )


def leave_for_deletion(actor: Actor, person: User, organization: Organization) -> None:
    """Ends all the person has in the organization; recorded in its audit log if they were in it.

    One that closes with them cannot be reopened, so its keys are revoked for good.
    """
    memberships = organization.memberships.filter(user=person)
    collaborations = person.collaborations.filter(project__organization=organization)
    was_in = memberships.exists() or collaborations.exists()
    for invitation in organization.invitations.waiting_for(person):
        invitation.finish(InvitationState.DECLINED, person)
        record(actor, Action.INVITATION_DECLINED, **invitation.audit_target)
    if Organization.objects.owned_by(person).filter(pk=organization.pk).exists():
        get_api_keys(organization).revoke(actor, reason=CLOSED_WITH_ACCOUNT)
        close_locked_organization(
            organization, actor, f"Closed with the account of {actor.person.email}."
        )
    end_offers(actor=actor, organization=organization, member=person)
    for membership in memberships.removable():
        membership.end()
    for collaborator in collaborations:
        collaborator.take_off()
    if was_in:
        record(actor, Action.ACCOUNT_DELETED, organization=organization, target=person)
