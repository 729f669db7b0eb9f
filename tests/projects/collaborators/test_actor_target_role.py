"""Every actor × target × new role, oneself included: through the services and over HTTP, none wrong."""

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.test import Client
from django.urls import reverse

from accounts.actors import Actor
from accounts.models import AuditEvent
from accounts.models.principals import Principal
from accounts.permissions import ProjectRole
from projects.models import Collaborator, Project
from projects.services.collaborators import change_role, remove_collaborator
from tests.database.refusals import all_rows
from tests.projects.helpers.actors import (
    ACTORS,
    OUTSIDE,
    TARGETS,
    Cast,
    build_cast,
    is_allowed,
    kind,
)
from tests.routes.answers import undone, writes

pytestmark = pytest.mark.django_db

ACTS = ("admin", "member", "remove")


@pytest.fixture
def cast(db: None) -> Cast:
    cast = build_cast()
    # Reading writes that externals are active, unless they were just now.
    Collaborator.objects.all().mark_active()
    return cast


def expected(actor: str, target: str) -> int:
    if kind(actor) in OUTSIDE:
        return 404
    return 302 if is_allowed(actor, target) else 403


def by_service(cast: Cast, actor: str, target: str, act: str) -> int:
    """What the page would answer to what the service says."""
    row = Collaborator.objects.select_related("project").get(pk=cast.rows[target].pk)
    by = Actor.of_user(cast.people[actor])
    try:
        if act == "remove":
            remove_collaborator(actor=by, collaborator=row)
        else:
            change_role(actor=by, collaborator=row, role=ProjectRole(act))
    except PermissionDenied:
        return 403
    except Http404:
        return 404
    return 302


def over_http(cast: Cast, client: Client, target: str, act: str) -> int:
    page = "collaborator_remove" if act == "remove" else "collaborator_role"
    address = reverse(page, args=[cast.project.slug, cast.rows[target].public_id])
    data = {} if act == "remove" else {"role": act}
    return client.post(address, data).status_code


def wrong_effect(
    cast: Cast, target: str, act: str, before: Any, status: int, *, wrote: bool
) -> str:
    """What is not as it should be after the act; empty when all is."""
    if status != 302:
        return "a refused act changed a row" if wrote and all_rows() != before else ""
    was, row = cast.rows[target].role, cast.project.collaborators.filter(pk=cast.rows[target].pk)
    events = AuditEvent.objects.count() - len(before["accounts_auditevent"])
    others = {one["id"]: one for one in before["projects_collaborator"]}
    del others[cast.rows[target].pk]
    after = {one["id"]: one for one in all_rows()["projects_collaborator"]}
    after.pop(cast.rows[target].pk, None)
    if after != others:
        return "another row changed too"
    if [one.role for one in row] != ([] if act == "remove" else [act]):
        return "the act was not done"
    if events != (0 if act == was else 1):
        return f"{events} audit events"
    return ""


@pytest.mark.parametrize("actor", ACTORS)
def test_the_services_do_exactly_what_the_rules_allow(cast: Cast, actor: str) -> None:
    before, wrong = all_rows(), []
    for target in TARGETS:
        for act in ACTS:
            with undone():
                with writes() as written:
                    status = by_service(cast, actor, target, act)
                fault = wrong_effect(cast, target, act, before, status, wrote=bool(written))
            if status != expected(actor, target) or fault:
                wrong.append((actor, target, act, status, expected(actor, target), fault))
    assert wrong == []
    assert all_rows() == before


@pytest.mark.parametrize("actor", ACTORS)
def test_the_pages_do_exactly_what_the_rules_allow(cast: Cast, client: Client, actor: str) -> None:
    client.force_login(cast.people[actor])
    before, wrong = all_rows(), []
    for target in TARGETS:
        for act in ACTS:
            with undone():
                with writes() as written:
                    status = over_http(cast, client, target, act)
                fault = wrong_effect(cast, target, act, before, status, wrote=bool(written))
            if status != expected(actor, target) or fault:
                wrong.append((actor, target, act, status, expected(actor, target), fault))
    assert wrong == []


def test_no_one_can_give_a_role_that_a_project_does_not_have(cast: Cast, client: Client) -> None:
    client.force_login(cast.people["owner"])
    before = all_rows()
    for role in ("owner", "Admin", "", "superuser", "admin\x00"):
        address = reverse(
            "collaborator_role", args=[cast.project.slug, cast.rows["project member"].public_id]
        )
        assert client.post(address, {"role": role}).status_code == 422
    assert all_rows() == before


@pytest.mark.parametrize("actor", ["owner", "admin", "second admin", "project admin"])
def test_someone_elses_row_under_the_own_projects_address_is_not_found(
    cast: Cast, client: Client, actor: str
) -> None:
    client.force_login(cast.people[actor])
    before = all_rows()
    for page in ("collaborator_remove", "collaborator_role"):
        address = reverse(page, args=[cast.project.slug, cast.world.other_row.public_id])
        assert client.post(address, {"role": "admin"}).status_code == 404
    assert all_rows() == before


@pytest.mark.parametrize("target", TARGETS)
def test_removal_ends_access_at_once_except_for_owner_and_admins(cast: Cast, target: str) -> None:
    user = cast.people[target]
    assert Project.objects.visible_to(Principal.of_user(user)).filter(pk=cast.project.pk).exists()
    remove_collaborator(actor=Actor.of_user(cast.people["owner"]), collaborator=cast.rows[target])
    still_in = (
        Project.objects.visible_to(Principal.of_user(user)).filter(pk=cast.project.pk).exists()
    )
    assert still_in == (kind(target) in ("owner", "admin"))


def test_an_owner_or_admin_listed_as_member_still_manages_the_project(cast: Cast) -> None:
    for name in ("owner", "admin"):
        assert cast.rows[name].role == ProjectRole.MEMBER
        with undone():
            assert by_service(cast, name, "second project admin", "member") == 302
