"""The route walk finds what it is there for: with a view's scoping taken away it reports that view.

That it reports nothing while the scoping is there is what the other tests of this folder say.
"""

import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db.models import Value
from django.shortcuts import get_object_or_404

import console.urls  # noqa: F401  (imports every module of views)
from accounts.access.organization import OrganizationAccess
from accounts.members import invitation_views as member_invitation_views
from accounts.members import views as member_views
from accounts.models import Invitation, Membership, Organization, User
from accounts.permissions import OrganizationRole
from keys.api_keys import action_views as key_views
from keys.models import ApiKey
from projects import collaborator_views, invitation_views
from projects.access import ProjectAccess
from projects.models import Collaborator, Project
from projects.services.collaborators import may_change
from tests.checks.source import view_modules
from tests.routes.lines import Line
from tests.routes.scene import Scene
from tests.routes.table import (
    INVITATION,
    KEY_ROW,
    LINKS,
    MEMBER_INVITATION,
    MEMBER_ROW,
    OF_ORGANIZATION,
    PROJECT,
    ROW,
)
from tests.routes.test_links import wrong_with_their_id
from tests.routes.test_swapped import wrong_with_a_row_of_elsewhere, wrong_with_their_slug

pytestmark = [pytest.mark.django_db, pytest.mark.long]


def every_organization(rows: Any, user: User) -> Any:
    return rows.annotate(own_role=Value(OrganizationRole.OWNER))


def every_project(rows: Any, user: User) -> Any:
    return rows.annotate(
        organization_role=Value(OrganizationRole.OWNER), collaborator_role=Value(None)
    )


def any_row(access: ProjectAccess, public_id: str) -> Collaborator:
    found = get_object_or_404(Collaborator.objects.with_people(), public_id=public_id)
    if not may_change(access, found):
        raise PermissionDenied
    return found


def any_member(access: OrganizationAccess, public_id: str) -> Membership:
    return get_object_or_404(Membership.objects.with_users(), user__public_id=public_id)


def any_key(access: ProjectAccess, public_id: str) -> ApiKey:
    return get_object_or_404(ApiKey.objects.with_use(), public_id=public_id)


def any_pending(parent: Organization | Project, public_id: str) -> Invitation:
    return get_object_or_404(Invitation.objects.pending(), public_id=public_id)


def any_external(rows: Any) -> Any:
    return Collaborator.objects.filter(membership__isnull=True)


def any_open(rows: Any, user: User) -> Any:
    return rows.pending()


@dataclass(frozen=True)
class Carelessness:
    """A lookup that forgot whose rows it may find, where it stands, and the walk that must notice."""

    where: tuple[Any, ...]
    name: str
    instead: Callable[..., Any]
    walk: Callable[[Scene, str], list[str]]
    routes: tuple[str, ...]


def importing(lookup: Any) -> tuple[Any, ...]:
    """Every module of views that uses `lookup`, also those that come later."""
    ours = [sys.modules[name] for name in sorted(view_modules())]
    return tuple(one for one in ours if getattr(one, lookup.__name__, None) is lookup)


def noticed(table: dict[str, Line]) -> tuple[str, ...]:
    """The routes that show something to anybody; an offer is there for one person, and here is none."""
    return tuple(name for name, line in table.items() if set(line.get) != {"."})


VOUCH = "collaborator_vouch"  # finds its row among the externals by itself
Organizations, Projects = type(Organization.objects.all()), type(Project.objects.all())
Invitations = type(Invitation.objects.all())
CARELESS = {
    "access to an organization": Carelessness(
        (Organizations,),
        "visible_to",
        every_organization,
        wrong_with_their_slug,
        noticed(OF_ORGANIZATION),
    ),
    "access to a project": Carelessness(
        (Projects,),
        "visible_to",
        every_project,
        wrong_with_their_slug,
        noticed({**PROJECT, **ROW, **INVITATION, **KEY_ROW}),
    ),
    "an organization's members": Carelessness(
        importing(member_views.find_member),
        member_views.find_member.__name__,
        any_member,
        wrong_with_a_row_of_elsewhere,
        tuple(MEMBER_ROW),
    ),
    "an organization's invitations": Carelessness(
        importing(member_invitation_views.find_pending_invitation),
        member_invitation_views.find_pending_invitation.__name__,
        any_pending,
        wrong_with_a_row_of_elsewhere,
        tuple(MEMBER_INVITATION),
    ),
    "a project's collaborators": Carelessness(
        importing(collaborator_views.find_target),
        collaborator_views.find_target.__name__,
        any_row,
        wrong_with_a_row_of_elsewhere,
        tuple(sorted({*ROW} - {VOUCH})),
    ),
    "a project's externals": Carelessness(
        (type(Collaborator.objects.all()),),
        "external",
        any_external,
        wrong_with_a_row_of_elsewhere,
        (VOUCH,),
    ),
    "a project's invitations": Carelessness(
        importing(invitation_views.find_pending_invitation),
        invitation_views.find_pending_invitation.__name__,
        any_pending,
        wrong_with_a_row_of_elsewhere,
        tuple(INVITATION),
    ),
    "a project's keys": Carelessness(
        importing(key_views.find_key),
        key_views.find_key.__name__,
        any_key,
        wrong_with_a_row_of_elsewhere,
        tuple(KEY_ROW),
    ),
    "one's own invitations": Carelessness(
        (Invitations,), "open_for", any_open, wrong_with_their_id, tuple(sorted(LINKS))
    ),
}


@pytest.mark.parametrize(
    ("careless", "route"),
    [
        pytest.param(careless, route, id=f"{label}-{route}")
        for label, careless in CARELESS.items()
        for route in careless.routes
    ],
)
def test_a_lookup_that_forgets_whose_rows_it_finds_is_reported(
    monkeypatch: pytest.MonkeyPatch, careless: Carelessness, route: str
) -> None:
    scene = Scene()
    for where in careless.where:
        monkeypatch.setattr(where, careless.name, careless.instead)
    assert careless.walk(scene, route) != []
