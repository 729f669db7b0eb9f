"""Signing up, and what people change about themselves."""

from django.db import transaction

from accounts.access.organization import lock_person
from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action
from accounts.models import Invitation, Organization, User
from accounts.models.principals import Principal
from accounts.organizations.services.organizations import (
    add_owner,
    create_ownerless_organization,
    name_personal_organization,
)


@transaction.atomic
def sign_up(*, actor: Actor, user: User, invitation: Invitation | None) -> Organization | None:
    """Saves a new user together with the home they need, and gives the organization made for them.

    Somebody invited to an organization gets that one as home and none of their own (None); an
    outsider invited to a project, or invited by nobody, gets an organization with its Default
    Project. `actor` carries the address of the request; the user is the one who acts.
    """
    if invitation is not None and invitation.role:
        user.home_organization = invitation.organization
        user.save()
        return None
    organization = create_ownerless_organization(name_personal_organization(user))
    user.home_organization = organization
    user.save()
    add_owner(organization, actor.acting_as(Principal.of_user(user)))
    return organization


@transaction.atomic
def change_profile(*, actor: Actor, name: str) -> None:
    """Changes the name others see."""
    user = lock_person(actor.person)
    before = user.name
    if before == name:
        return
    user.name = name
    user.save(update_fields=["name"])
    record(
        actor,
        Action.PROFILE_CHANGED,
        organization=None,
        target=user,
        before={"name": before},
        after={"name": name},
    )
