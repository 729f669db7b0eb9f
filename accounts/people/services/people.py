"""Signs users up and changes their profile."""

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
    """Saves a new user with a home organization; returns the organization created for them, if any.

    The home of someone invited to an organization is that organization, and none is created (None).
    Everyone else gets an organization of their own. `actor` has the request's IP address; the new user is
    recorded as the one who acts.
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
    """Changes the user's name."""
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
