"""Changes what an organization requires of how people sign in."""

from django.db import transaction

from accounts.access.organization import lock_organization, lock_person
from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.models import Organization
from accounts.outbox import queue_mails
from accounts.permissions import Permission

SET_UP_FIRST = (
    "Add a passkey or an authenticator app to your own account first. Otherwise you could not open "
    "{name} any more."
)


@transaction.atomic
def change_sign_in_rules(
    *, actor: Actor, organization: Organization, members: bool, externals: bool
) -> None:
    """Requires a second factor of members, and of external collaborators, or no longer requires it.

    It counts from the next request on. Those who lack one are emailed. Raises Conflict if the actor would
    lock themselves out.
    """
    access = lock_organization(actor.principal, organization, Permission.SIGN_IN_RULES_CHANGE)
    locked = access.organization
    before = describe_rules(locked)
    if before == {"members": members, "externals": externals}:
        return
    # Locked, so that their own factor is not removed at the same moment.
    if members and not lock_person(actor.person).has_second_factor:
        raise Conflict(SET_UP_FIRST.format(name=locked.name))
    lacking = set(locked.list_people_without_factor(members=members, externals=externals))
    lacking -= set(locked.list_people_without_factor(**before))
    locked.second_factor_required = members
    locked.second_factor_required_of_externals = externals
    locked.save(update_fields=["second_factor_required", "second_factor_required_of_externals"])
    record(
        actor,
        Action.SIGN_IN_RULES_CHANGED,
        organization=locked,
        target=locked,
        before=before,
        after=describe_rules(locked),
    )
    queue_mails(
        sorted(lacking),
        f"{locked.name} now requires a second factor",
        "accounts/mail/second_factor_required.txt",
        organization=locked,
        actor=actor,
    )


def describe_rules(organization: Organization) -> dict[str, bool]:
    """Returns of whom the organization requires a second factor."""
    return {
        "members": organization.second_factor_required,
        "externals": organization.second_factor_required_of_externals,
    }
