"""Home organizations: everybody but staff has one, an organization of their own if need be."""

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
    """An organization of one's own for somebody who belongs to none; their home from then on."""
    lock_person(actor.person)
    organization = create_ownerless_organization(name_personal_organization(actor.person))
    add_owner(organization, actor)
    actor.person.home_organization = organization
    actor.person.save(update_fields=["home_organization"])
    return organization


def ensure_home(user: User, actor: Actor) -> None:
    """An organization of their own for whoever is no member of their home; in a transaction.

    So it is for somebody removed from it, or who signed up to join an organization and then did not.
    """
    # Locked and read anew: their home may be lost, and replaced, at this very moment.
    locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
    if locked.is_staff or locked.memberships.filter(organization=locked.home_organization).exists():
        return
    # The organization is theirs: its audit log must not show the IP address of whoever removed them.
    ip = actor.ip if actor.user == locked else ""
    create_personal_organization(actor=replace(actor, principal=Principal.of_user(locked), ip=ip))
