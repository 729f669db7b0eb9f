"""Deletes accounts: ends all access and erases the row's personal data; history stays."""

from django.db import transaction
from django.db.models import QuerySet

from accounts.access.endings import delete_collaborators, delete_membership, end_sign_ins
from accounts.access.organization import lock_person
from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action, InvitationState
from accounts.errors import Conflict
from accounts.models import Invitation, Organization, User
from accounts.organizations.services.closing import close_locked_organization, get_api_keys
from accounts.organizations.services.offers import end_offers
from accounts.outbox import queue_mail

CLOSED_WITH_ACCOUNT = "The organization was closed when its Owner deleted their account."
STAFF = "Support accounts can't be deleted here. Ask the operator of this console."


def delete_account(*, actor: Actor) -> None:
    """Ends the actor's access everywhere and anonymizes their row.

    Organizations of which they are the only member are closed. Raises Conflict for support staff, and for
    Owners of organizations with other members.
    """
    if actor.person.is_staff:
        raise Conflict(STAFF)
    while True:
        expected = find_organizations(actor.person)
        with transaction.atomic():
            organizations = list(Organization.objects.filter(pk__in=expected).in_lock_order())
            person = lock_person(actor.person)
            # They may have been added to another organization before the locks were taken.
            if find_organizations(person) <= expected:
                delete_locked(actor, person, organizations)
                return


def find_organizations(user: User) -> set[int]:
    """Returns the primary keys of organizations they belong to, work in, use or are invited to."""
    return {
        *user.memberships.values_list("organization_id", flat=True),
        *user.collaborations.values_list("project__organization_id", flat=True),
        *user.personal_tokens.unrevoked().values_list("organization_id", flat=True),
        *Invitation.objects.waiting_for(user).values_list("organization_id", flat=True),
    }


def find_organizations_to_close(user: User) -> QuerySet[Organization]:
    """Returns the organizations that will be closed: those without other members."""
    return Organization.objects.owned_by(user).unshared()


def count_keys_to_revoke(user: User) -> int:
    """Returns how many active API keys will be revoked with those organizations."""
    return sum(
        get_api_keys(organization).active().count()
        for organization in find_organizations_to_close(user)
    )


def count_remaining_keys(user: User) -> int:
    """Returns how many active API keys they created will remain in other organizations."""
    created = user.created_keys.listed().active()
    return created.exclude(project__organization__in=find_organizations_to_close(user)).count()


def describe_obstacle(user: User) -> str:
    """Returns why the account cannot be deleted now and what to do about it; empty if it can."""
    if user.is_staff:
        return STAFF
    names = Organization.objects.owned_by(user).shared().values_list("name", flat=True)
    if not names:
        return ""
    return (
        f"You own {', '.join(names)}, which has other members. "
        "Transfer the ownership or close the organization first."
    )


def delete_locked(actor: Actor, person: User, organizations: list[Organization]) -> None:
    if reason := describe_obstacle(person):
        raise Conflict(reason)
    email = person.email
    for organization in organizations:
        leave_for_deletion(actor, person, organization)
    record(actor, Action.ACCOUNT_DELETED, organization=None, target=person)
    end_sign_ins(person)
    person.saved_views.all().delete()
    person.anonymise()
    queue_mail(
        email, "Your account was deleted", "accounts/mail/account_deleted.txt", address=email
    )


def leave_for_deletion(actor: Actor, person: User, organization: Organization) -> None:
    """Ends the user's access to the organization, and records it there if they had any.

    An organization closed with their account cannot be reopened, so its keys are revoked for good.
    """
    memberships = organization.memberships.filter(user=person)
    collaborations = person.collaborations.filter(project__organization=organization)
    had_access = memberships.exists() or collaborations.exists()
    for invitation in organization.invitations.waiting_for(person):
        invitation.finish(InvitationState.DECLINED, person)
        record(actor, Action.INVITATION_DECLINED, **invitation.audit_target)
    if Organization.objects.owned_by(person).filter(pk=organization.pk).exists():
        get_api_keys(organization).revoke(actor, reason=CLOSED_WITH_ACCOUNT)
        close_locked_organization(
            organization, actor, f"{actor.person.email} deleted their account."
        )
    end_offers(actor=actor, organization=organization, member=person)
    # Before the rows are deleted: a trigger would revoke them as well, without an audit event.
    person.personal_tokens.filter(organization=organization).revoke_all(actor)
    for membership in memberships.removable():
        delete_membership(actor=actor, membership=membership)
    delete_collaborators(user=person, organization=organization)
    if had_access:
        record(actor, Action.ACCOUNT_DELETED, organization=organization, target=person)
