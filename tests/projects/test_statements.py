"""Querysets that are compiled once: other values, other shapes, other times, and what is refused."""

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest
from django.db import models
from django.utils import timezone

from accounts.access.statements import Statement
from accounts.models import Organization, User
from accounts.models.principals import Principal
from keys.models import ApiKey
from projects.access import select_counted, select_counts, select_visible
from projects.models import Project
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.service_accounts import create_account, issue_account_token
from tests.support.clock import set_clock
from tests.support.statements import compare_statements
from tests.world import World


def principals(world: World) -> list[Principal]:
    account = create_account(world.owner, world.research, "Build")
    program = issue_account_token(world.owner, account).token.principal
    people = [world.owner, world.admin, world.project_member, world.external, world.stranger]
    organization = world.organization.pk
    return [
        *(Principal.of_user(person) for person in people),
        *(Principal.of_user(person, credential="session") for person in people),
        *(Principal.of_user(person, viewed_in=organization) for person in people),
        Principal.of_absent(world.owner),
        program,
        replace(program, credential=""),
        Principal.without_account("Console"),
        issue_admin_key(world.owner, world.organization, "CI").key.principal,
        issue_admin_key(world.stranger, world.other_organization, "CI").key.principal,
    ]


def test_everyone_gets_what_their_own_queryset_returns(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    compare_statements(monkeypatch)
    for principal in principals(world):
        visible = Project.objects.visible_to(principal).with_counts(principal)
        for project in Project.objects.all():
            expected = visible.filter(slug=project.slug).first()
            row = select_counted.first(principal, slug=project.slug)
            assert row == expected
            if row and expected:
                assert row.principal_role == expected.principal_role
                assert row.listed_count == expected.listed_count
                assert row.has_externals is expected.has_externals
                assert row.organization.name == project.organization.name


def test_rows_have_their_relations_without_another_query(
    world: World, django_assert_num_queries: Any
) -> None:
    principal = Principal.of_user(world.owner)
    for project in (world.research, world.production):
        with django_assert_num_queries(1):
            row = select_visible.first(principal, pk=project.pk)
            assert row is not None
            assert row.organization == world.organization


def test_other_lookups_are_other_statements(world: World) -> None:
    principal, project = Principal.of_user(world.owner), world.research
    lookups: list[dict[str, Any]] = [
        {"pk": project.pk},
        {"slug": project.slug},
        {"public_id": project.public_id, "organization_id": world.organization.pk},
    ]
    for lookup in lookups:
        assert select_visible(principal, **lookup) == [project]
    assert select_visible(principal, slug=project.public_id) == []


def test_a_key_that_expires_meanwhile_is_no_longer_counted(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    principal, pk = Principal.of_user(world.owner), world.research.pk
    key = ApiKey.objects.listed().active().filter(project=pk).first()
    assert key is not None
    now = timezone.now()
    ApiKey.objects.filter(pk=key.pk).update(expires_at=now + dt.timedelta(hours=1))
    before = select_counts.first(principal, pk)
    set_clock(monkeypatch, now + dt.timedelta(hours=2))
    after = select_counts.first(principal, pk)
    assert before is not None
    assert after is not None
    assert after.key_count == before.key_count - 1
    assert after.unrevoked_key_count == before.unrevoked_key_count


def test_nothing_is_compiled_a_second_time(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    built: list[int] = []

    @Statement
    def select(pk: int) -> models.QuerySet[Organization]:
        built.append(pk)
        return Organization.objects.filter(pk=pk)

    found = [select.first(each.pk) for each in Organization.objects.order_by("pk")]
    assert found == list(Organization.objects.order_by("pk"))
    assert len(built) == 1


def at_the_time_of_compiling(pk: int) -> models.QuerySet[Organization]:
    return Organization.objects.filter(pk=pk, created_at__lt=timezone.now())


def with_a_changed_value(slug: str) -> models.QuerySet[Organization]:
    return Organization.objects.filter(slug=f"{slug}-2")


def with_a_limit(limit: int) -> models.QuerySet[Organization]:
    return Organization.objects.all()[:limit]


@pytest.mark.parametrize("build", [at_the_time_of_compiling, with_a_changed_value, with_a_limit])
def test_what_would_be_the_same_for_everyone_is_refused(db: None, build: Any) -> None:
    value = "northwind" if build is with_a_changed_value else 1
    with pytest.raises(LookupError, match="Compiled once"):
        Statement(build)(value)


def test_other_fields_of_a_person_are_refused(world: World) -> None:
    @Statement
    def select(principal: Principal) -> models.QuerySet[User]:
        assert principal.user is not None
        return User.objects.filter(email=principal.user.email)

    with pytest.raises(User.DoesNotExist):
        select(Principal.of_user(world.owner))


def test_other_types_are_refused(world: World) -> None:
    with pytest.raises(TypeError, match="no Organization"):
        select_visible(Principal.of_user(world.owner), organization=world.organization)
