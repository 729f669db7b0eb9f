"""Saves, renames and deletes views of usage. They are a person's own, so the audit log has no events."""

from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404
from django.utils import timezone

from accounts.access.organization import (
    OrganizationAccess,
    lock_organization,
    lock_signed_in_person,
)
from accounts.actors import Actor
from accounts.errors import Conflict, Frozen
from accounts.models import Organization, User
from accounts.permissions import Permission
from projects.access import ProjectAccess, lock_project
from projects.models import Project
from usage.models import SavedView
from usage.models.saved_view import MAX_VIEWS, QUERY_LENGTH

NAME_TAKEN = "You already have a view with this name. Choose another name."
TOO_MANY = (
    f"You already have {MAX_VIEWS} views in this organization. Delete those you no longer need."
)
TOO_LONG = "This view has too many filters to be saved."


@transaction.atomic
def save_view(*, actor: Actor, target: Organization | Project, name: str, query: str) -> SavedView:
    """Saves the query of the usage page of a project or organization under a name.

    Raises Conflict if the actor has a view with the name there or too many views, ValidationError if the
    query is too long, PermissionDenied if they may not see the page, and Frozen if nothing can be changed
    there.
    """
    access: ProjectAccess | OrganizationAccess
    if isinstance(target, Project):
        access = lock_project(actor.principal, target, Permission.USAGE_SEE)
        project, organization = target, target.organization
    else:
        access = lock_organization(actor.principal, target, Permission.COST_ANALYTICS_SEE)
        project, organization = None, target
    if access.why_frozen:  # although the page can be seen
        raise Frozen(access.why_frozen)
    person = lock_signed_in_person(actor)
    if len(query) > QUERY_LENGTH:
        raise ValidationError(TOO_LONG)
    views = person.saved_views.filter(organization=organization)
    require_free_name(person, organization, name)
    taken = set(views.values_list("number", flat=True))
    free = next((number for number in range(1, MAX_VIEWS + 1) if number not in taken), None)
    if free is None:
        raise Conflict(TOO_MANY)
    return SavedView.objects.create(
        user=person,
        organization=organization,
        project=project,
        name=name,
        query=query,
        number=free,
        created_at=timezone.now(),
    )


@transaction.atomic
def rename_view(*, actor: Actor, view: SavedView, name: str) -> None:
    """Renames a view of the actor. Raises Conflict if another one has the name, Http404 if it is gone."""
    person, current = lock_own_view(actor, view)
    if current.name == name:
        return
    require_free_name(person, current.organization, name)
    current.name = name
    current.save(update_fields=["name"])


@transaction.atomic
def delete_view(*, actor: Actor, view: SavedView) -> None:
    """Deletes a view of the actor. Raises Http404 if it is gone."""
    _, current = lock_own_view(actor, view)
    current.delete()


def lock_own_view(actor: Actor, view: SavedView) -> tuple[User, SavedView]:
    """Locks the person and returns them with their view as it is now. Raises Http404 if it is gone."""
    person = lock_signed_in_person(actor)
    current = person.saved_views.select_related("organization").filter(pk=view.pk).first()
    if current is None:
        raise Http404
    return person, current


def require_free_name(person: User, organization: Organization, name: str) -> None:
    if person.saved_views.filter(organization=organization, name=name).exists():
        raise Conflict({"name": NAME_TAKEN})
