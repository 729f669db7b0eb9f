"""Every constraint of every table, tried with writes that go past the code: the database refuses."""

import datetime as dt
from collections.abc import Callable
from typing import Any

import pytest
from django.db import models
from django.utils import timezone

from accounts.models import (
    AuditChain,
    AuditEvent,
    FactorReset,
    Invitation,
    Membership,
    Organization,
    OwnershipOffer,
    SupportRequest,
    TrustedBrowser,
    User,
    UserSession,
    ViewAs,
)
from keys.models import (
    AccessToken,
    AccountToken,
    AdminKey,
    ApiKey,
    DeviceLogin,
    KeyPolicy,
    KeySecret,
    PersonalToken,
    RequestLimits,
    ServiceCredential,
    TerminalSession,
)
from projects.models import Collaborator, Project, ProjectSlug, ServiceAccount
from tests.database.attempts.admin_keys import admin_key
from tests.database.attempts.api_keys import credential, policy, secret
from tests.database.attempts.budgets import budget
from tests.database.attempts.every_constraint import ATTEMPTS, event, offer, view
from tests.database.attempts.personal_tokens import token
from tests.database.attempts.request_limits import key_limits, project_limits
from tests.database.attempts.service_accounts import account_token, service_account
from tests.database.attempts.sign_in import factor_reset, trusted_browser, user_session
from tests.database.attempts.terminals import login, of_project, pair, session, waiting
from tests.database.attempts.usage import (
    alias,
    item,
    move,
    price,
    product,
    saved_view,
    source_of,
)
from tests.database.refusals import our_models, refused, run
from tests.database.writes import changed, copied
from tests.world import World
from usage.models import (
    Budget,
    LineItem,
    ModelAlias,
    ModelName,
    Price,
    Product,
    Reattribution,
    SavedView,
    UsageSource,
)

pytestmark = pytest.mark.django_db
LATER = dt.datetime(2100, 1, 1, tzinfo=dt.UTC)


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
    (AuditChain, "organization"),
    (OwnershipOffer, "public_id"),
    (SupportRequest, "public_id"),
    (ViewAs, "public_id"),
    (ProjectSlug, "slug"),
    (Project, "public_id"),
    (Project, "slug"),
    (Collaborator, "public_id"),
    (KeyPolicy, "organization"),
]


# What a trigger refuses first when an existing row is changed: a second row is tried instead.
BY_INSERT: dict[type[models.Model], Callable[[World], dict[str, Any]]] = {
    AuditEvent: lambda w: {"public_id": event(w).public_id, "sequence": 10**6},
    ProjectSlug: lambda w: {"slug": "research"},
    AuditChain: lambda w: {},
    OwnershipOffer: lambda w: {"public_id": offer(w).public_id, "state": "pending"},
    KeyPolicy: lambda w: {"organization_id": policy(w).organization_id},
    ViewAs: lambda w: {"public_id": view(w).public_id, "staff_id": w.stranger.pk},
}


@pytest.mark.parametrize(("model", "field"), UNIQUE)
def test_ids_slugs_and_addresses_are_unique_over_all_organizations(
    world: World, model: type[models.Model], field: str
) -> None:
    if model in BY_INSERT:
        values = BY_INSERT[model](world)
        with refused("unique", "UNIQUE"):
            copied(model._default_manager.order_by("pk")[0], **values)
        return
    ours, theirs = model._default_manager.order_by("pk")[0:2]
    with refused("unique", "UNIQUE"):
        changed(theirs, **{field: getattr(ours, field)})


def another_login(world: World) -> models.Model:
    """One more that the same person approved."""
    (copy,) = copied(login(world), mac=b"another", user_code_mac=b"another")
    return copy


KEYS: dict[tuple[Any, str], Callable[[World], tuple[Any, dict[str, Any]]]] = {
    (SavedView, "public_id"): lambda w: (
        saved_view(w),
        {"name": "Another", "number": 2, "public_id": saved_view(w).public_id},
    ),
    (ApiKey, "public_id"): lambda w: (w.key, {"name": "another", "public_id": w.key.public_id}),
    (ApiKey, "form_token"): lambda w: (
        copied(w.key, name="twice", form_token="one form")[0],
        {"name": "another"},
    ),
    (KeySecret, "mac"): lambda w: (secret(w), {"api_key_id": w.other_key.pk, "ends_at": LATER}),
    (ServiceCredential, "public_id"): lambda w: (
        credential(w),
        {"name": "another", "mac": b"another", "public_id": credential(w).public_id},
    ),
    (ServiceCredential, "mac"): lambda w: (credential(w), {"name": "another"}),
    (DeviceLogin, "public_id"): lambda w: (
        waiting(w),
        {"mac": b"x", "user_code_mac": b"x", "public_id": waiting(w).public_id},
    ),
    (DeviceLogin, "mac"): lambda w: (waiting(w), {"user_code_mac": b"another"}),
    (DeviceLogin, "user_code_mac"): lambda w: (waiting(w), {"mac": b"another"}),
    (TerminalSession, "public_id"): lambda w: (
        session(w),
        {"public_id": session(w).public_id, "device_login_id": another_login(w).pk},
    ),
    (TerminalSession, "device_login"): lambda w: (session(w), {}),
    (AccessToken, "mac"): lambda w: (of_project(w), {}),
    (AccessToken, "refresh_mac"): lambda w: (
        pair(w),
        {"mac": b"another", "ended_at": pair(w).created_at},
    ),
    (PersonalToken, "public_id"): lambda w: (
        token(w),
        {"name": "x", "mac": b"x", "form_token": None, "public_id": token(w).public_id},
    ),
    (AdminKey, "public_id"): lambda w: (
        admin_key(w),
        {"name": "x", "mac": b"x", "public_id": admin_key(w).public_id},
    ),
    (ServiceAccount, "public_id"): lambda w: (
        service_account(w),
        {"name": "x", "public_id": service_account(w).public_id},
    ),
    (AccountToken, "public_id"): lambda w: (
        account_token(w),
        {"name": "x", "mac": b"x", "public_id": account_token(w).public_id},
    ),
    (AccountToken, "mac"): lambda w: (account_token(w), {"name": "x"}),
    (AdminKey, "mac"): lambda w: (admin_key(w), {"name": "x"}),
    (PersonalToken, "mac"): lambda w: (token(w), {"name": "x", "form_token": None}),
    (PersonalToken, "form_token"): lambda w: (token(w), {"name": "x", "mac": b"x"}),
    (Product, "public_id"): lambda w: (
        product(w),
        {"code": "x", "public_id": product(w).public_id},
    ),
    (Product, "code"): lambda w: (product(w), {}),
    (LineItem, "public_id"): lambda w: (
        item(w),
        {"code": "x", "counts_requests": False, "public_id": item(w).public_id},
    ),
    (ModelName, "name"): lambda w: (ModelName.objects.get(name=""), {}),
    (ModelAlias, "public_id"): lambda w: (
        alias(w),
        {"pattern": "x", "target": "x", "public_id": alias(w).public_id},
    ),
    (Price, "public_id"): lambda w: (price(w), {"model": "x", "public_id": price(w).public_id}),
    (UserSession, "public_id"): lambda w: (
        user_session(w),
        {"session_key": "b" * 32, "public_id": user_session(w).public_id},
    ),
    (UserSession, "session_key"): lambda w: (user_session(w), {}),
    (TrustedBrowser, "public_id"): lambda w: (
        trusted_browser(w),
        {"mac": "n" * 43, "public_id": trusted_browser(w).public_id},
    ),
    (TrustedBrowser, "mac"): lambda w: (trusted_browser(w), {}),
    (FactorReset, "public_id"): lambda w: (
        factor_reset(w),
        {"state": "canceled", "ended_at": timezone.now(), "public_id": factor_reset(w).public_id},
    ),
    (UsageSource, "name"): lambda w: (source_of(w), {"credential_id": None}),
    (UsageSource, "credential"): lambda w: (source_of(w), {"name": "another"}),
    (RequestLimits, "project"): lambda w: (project_limits(w), {}),
    (RequestLimits, "api_key"): lambda w: (key_limits(w), {}),
    (Budget, "public_id"): lambda w: (
        budget(w),
        {"is_default": False, "public_id": budget(w).public_id},
    ),
    (Reattribution, "public_id"): lambda w: (
        move(w),
        {"state": "applied", "public_id": move(w).public_id},
    ),
}


@pytest.mark.parametrize(("model", "field"), KEYS)
def test_ids_and_hashes_of_keys_and_of_the_catalogue_are_unique(
    world: World, model: type[models.Model], field: str
) -> None:
    row, values = KEYS[model, field](world)
    with refused(f"{model._meta.db_table}.{field}", f"{model._meta.db_table}_{field}"):
        copied(row, **values)


def test_every_unique_column_is_among_those() -> None:
    declared = {
        (model, field.name)
        for model in our_models()
        for field in model._meta.concrete_fields
        if field.unique and not field.primary_key
    }
    assert {*UNIQUE, *KEYS} == declared


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
