"""Home organizations: everybody but staff has one, an organization of their own if need be."""

from dataclasses import replace

from django.db import transaction

from accounts.access.organization import lock_person
from accounts.actors import Actor
from accounts.models import Organization, User
from accounts.models.principals import Principal
from accounts.organizations.services.organizations import (
    give_to_owner,
    make_organization,
    personal_name,
)


@transaction.atomic
def give_own_organization(*, actor: Actor) -> Organization:
    """An organization of one's own for somebody who belongs to none; their home from then on."""
    lock_person(actor.person)
    organization = make_organization(personal_name(actor.person))
    give_to_owner(organization, actor)
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
    # It is theirs: its trail does not say from where somebody else removed them.
    ip = actor.ip if actor.user == locked else ""
    give_own_organization(actor=replace(actor, principal=Principal.of_user(locked), ip=ip))
