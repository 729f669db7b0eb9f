"""Hides the first steps of an organization for one person."""

from django.db import transaction

from accounts.access.organization import lock_organization
from accounts.actors import Actor
from accounts.models import Organization
from accounts.permissions import Permission


@transaction.atomic
def hide_first_steps(*, actor: Actor, organization: Organization) -> None:
    """Hides them for the actor alone. It is how their pages look, so it is not in the audit log."""
    access = lock_organization(
        actor.principal, organization, Permission.ORGANIZATION_SETTINGS_CHANGE
    )
    access.organization.memberships.filter(user=actor.user).update(hides_first_steps=True)
