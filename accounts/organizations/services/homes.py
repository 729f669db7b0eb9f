"""Home organizations. Every user but staff has one; it is created for them if necessary."""

from dataclasses import replace

from django.db import transaction

from accounts.access.organization import lock_person
from accounts.actors import Actor
from accounts.models import Organization, User
from accounts.models.principals import Principal
from accounts.organizations.services.organizations import (
    add_owner,
    create_ownerless_organization,
    name_personal_organization,
)


@transaction.atomic
def create_personal_organization(*, actor: Actor) -> Organization:
    """Creates an organization for a user who belongs to none, and makes it their home."""
    lock_person(actor.person)
    organization = create_ownerless_organization(name_personal_organization(actor.person))
    add_owner(organization, actor)
    actor.person.home_organization = organization
    actor.person.save(update_fields=["home_organization"])
    return organization


def ensure_home(user: User, actor: Actor) -> None:
    """Creates an organization for a user who is not a member of their home; call it in a transaction.

    That happens when they are removed from it, or decline the invitation they signed up with.
    """
    # Locked and read again: a concurrent transaction may be replacing their home.
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if locked.is_staff or locked.memberships.filter(organization=locked.home_organization).exists():
        return
    # The organization is theirs: its audit log must not show the IP address of the person who removed them.
    ip = actor.ip if actor.user == locked else ""
    create_personal_organization(actor=replace(actor, principal=Principal.of_user(locked), ip=ip))
