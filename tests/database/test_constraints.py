"""Every constraint of every table, tried with writes that go past the code: the database refuses."""

from collections.abc import Callable
from typing import Any

import pytest
from django.db import models
from django.utils import timezone

from accounts.models import AuditEvent, Invitation, Membership, Organization, SupportRequest, User
from projects.models import Collaborator, Project
from tests.database.refusals import our_models, refused, run
from tests.world import World

pytestmark = pytest.mark.django_db

Attempt = Callable[[World], object]


def changed(row: models.Model, **values: Any) -> int:
    """One UPDATE that asks neither the model nor a service."""
    return type(row)._default_manager.filter(pk=row.pk).update(**values)


def copied(row: models.Model, **values: Any) -> list[models.Model]:
    """One INSERT of a second row like `row`, with a public id of its own."""
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    same = {field.attname: getattr(row, field.attname) for field in fields}
    if "public_id" in same:
        same["public_id"] = row._meta.get_field("public_id").get_default()
    manager = type(row)._default_manager
    return manager.bulk_create([type(row)(**{**same, **values})])


def event(world: World) -> AuditEvent:
    return world.organization.audit_events.all()[:1].get()


def new_event(world: World, **values: Any) -> list[models.Model]:
    return copied(event(world), **values)


def membership(world: World) -> Membership:
    return world.member.memberships.get()


# Constraint → what SQLite calls it (PostgreSQL and all checks say its name), and an attempt.
ATTEMPTS: dict[str, tuple[str, Attempt]] = {
    "user_email_unique": (
        "user_email_unique",
        lambda w: run(
            "UPDATE accounts_user SET email = %s WHERE id = %s",
            "Owner@Northwind.Example",
            w.member.pk,
        ),
    ),
    "user_home_organization_present": (
        "user_home_organization_present",
        lambda w: changed(w.member, home_organization=None),
    ),
    "organization_project_limit_positive": (
        "organization_project_limit_positive",
        # A new row: for an existing one the limit below its projects is refused first.
        lambda w: copied(w.organization, slug="northwind-two", project_limit=0),
    ),
    "membership_once_per_organization": (
        "accounts_membership.organization_id, accounts_membership.user_id",
        lambda w: copied(membership(w)),
    ),
    "membership_one_owner": (
        "accounts_membership.organization_id",
        lambda w: changed(membership(w), role="owner"),
    ),
    "membership_role_known": (
        "membership_role_known",
        lambda w: changed(membership(w), role="superuser"),
    ),
    "auditevent_act_known": (
        "auditevent_act_known",
        lambda w: new_event(w, act="organization.exploded"),
    ),
    "invitation_one_pending": (
        (
            "accounts_invitation.organization_id, accounts_invitation.project_ref, "
            "accounts_invitation.email"
        ),
        lambda w: copied(w.invitation),
    ),
    "invitation_role_or_project": (
        "invitation_role_or_project",
        lambda w: changed(w.invitation, role="member"),
    ),
    "invitation_ends_after_sent": (
        "invitation_ends_after_sent",
        lambda w: changed(w.invitation, expires_at=w.invitation.sent_at),
    ),
    "invitation_state_known": (
        "invitation_state_known",
        lambda w: changed(w.invitation, state="lost"),
    ),
    "invitation_delivery_known": (
        "invitation_delivery_known",
        lambda w: changed(w.invitation, delivery="pigeon"),
    ),
    "supportrequest_one_pending": (
        "accounts_supportrequest.organization_id, accounts_supportrequest.kind",
        lambda w: copied(w.support_request),
    ),
    "supportrequest_kind_known": (
        "supportrequest_kind_known",
        lambda w: changed(w.support_request, kind="cake"),
    ),
    "supportrequest_state_known": (
        "supportrequest_state_known",
        lambda w: changed(w.support_request, state="lost"),
    ),
    "project_one_default": (
        "projects_project.organization_id",
        lambda w: copied(w.default, slug="a-second-default"),
    ),
    "project_default_without_externals": (
        "project_default_without_externals",
        lambda w: changed(w.default, allow_external_collaborators=True),
    ),
    "collaborator_once_per_project": (
        "projects_collaborator.project_id, projects_collaborator.user_id",
        lambda w: copied(w.project_member_row),
    ),
    "collaborator_role_known": (
        "collaborator_role_known",
        lambda w: changed(w.project_member_row, role="owner"),
    ),
    "projectgrant_once_per_invitation": (
        "projects_projectgrant.invitation_id, projects_projectgrant.project_id",
        lambda w: copied(w.research.grants.all()[:1].get()),
    ),
    "projectgrant_role_known": (
        "projectgrant_role_known",
        lambda w: changed(w.research.grants.all()[:1].get(), role="owner"),
    ),
}


@pytest.mark.parametrize("name", ATTEMPTS)
def test_the_database_itself_refuses_what_each_constraint_forbids(world: World, name: str) -> None:
    sqlite_words, attempt = ATTEMPTS[name]
    with refused(name, sqlite_words):
        attempt(world)


def test_every_constraint_has_its_attempt_here() -> None:
    declared = {one.name for model in our_models() for one in model._meta.constraints}
    assert set(ATTEMPTS) == declared


UNIQUE = [
    (User, "public_id"),
    (User, "email"),
    (Organization, "public_id"),
    (Organization, "slug"),
    (AuditEvent, "public_id"),
    (Invitation, "public_id"),
    (SupportRequest, "public_id"),
    (Project, "public_id"),
    (Project, "slug"),
    (Collaborator, "public_id"),
]


@pytest.mark.parametrize(("model", "field"), UNIQUE)
def test_ids_slugs_and_addresses_are_unique_over_all_organizations(
    world: World, model: type[models.Model], field: str
) -> None:
    ours, theirs = model._default_manager.order_by("pk")[0:2]
    with refused("unique", "UNIQUE"):
        if model is AuditEvent:
            copied(theirs, public_id=getattr(ours, field))
        else:
            changed(theirs, **{field: getattr(ours, field)})


def test_every_unique_column_is_among_those() -> None:
    declared = {
        (model, field.name)
        for model in our_models()
        for field in model._meta.concrete_fields
        if field.unique and not field.primary_key
    }
    assert set(UNIQUE) == declared


@pytest.mark.parametrize("model", [User, Organization, Project, Membership, Invitation])
def test_rows_that_others_point_at_cannot_be_deleted(
    world: World, model: type[models.Model]
) -> None:
    pointed_at: dict[type[models.Model], models.Model] = {
        User: world.external,
        Organization: world.organization,
        Project: world.research,
        Membership: world.project_member.memberships.get(),
        Invitation: world.invitation,
    }
    with refused("foreign key", "FOREIGN KEY"):
        run(f"DELETE FROM {model._meta.db_table} WHERE id = %s", pointed_at[model].pk)


def test_nothing_can_point_at_an_organization_that_does_not_exist(world: World) -> None:
    with refused("foreign key", "FOREIGN KEY", "project limit"):
        copied(world.research, slug="nowhere", organization_id=10**9)


def test_an_address_is_free_again_for_an_invitation_once_the_first_is_answered(
    world: World,
) -> None:
    changed(world.invitation, state="declined", answered_at=timezone.now())
    copied(world.invitation, state="pending")
    assert Invitation.objects.filter(email=world.invitation.email).count() == 2


def test_staff_alone_may_be_without_a_home(world: World) -> None:
    assert world.staff.home_organization is None
    with refused("user_home_organization_present"):
        changed(world.staff, is_staff=False)


def test_an_invitation_is_for_a_role_below_owner_or_for_a_project(world: World) -> None:
    for values in [
        {"role": "owner"},
        {"role": ""},
        {"role": "member", "project_ref": world.research.public_id},
    ]:
        with refused("invitation_role_or_project"):
            copied(world.member_invitation, email="another@partner.example", **values)
