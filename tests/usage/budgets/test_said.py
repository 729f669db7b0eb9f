"""What is stopped is said on the pages of API keys, projects, usage and organizations, to who may know it."""

import datetime as dt
from functools import partial
from typing import Any

import pytest
from django.urls import reverse

from accounts.actors import Actor
from accounts.models import User
from keys.models import ApiKey
from keys.service_accounts.services import create_account_key
from keys.verification.verdicts import verify_key
from tests.keys.helpers.service_accounts import create_account
from tests.support.clock import set_clock
from tests.support.pages import own_queries, queries, signed_in, words
from tests.usage.budgets.setup import EVENT, new_budget, spend
from tests.usage.budgets.test_stops import change
from tests.world import World, issued
from usage.budgets.stops import find_key_stops
from usage.enums import BudgetKind, BudgetPeriod

pytestmark = pytest.mark.django_db
PLACES = ("project", "usage", "api_keys", "project_budgets")
ORGANIZATION_PLACES = ("organization", "cost_analytics", "budgets", "organization_keys")


def read(user: User, name: str, slug: str) -> str:
    return words(signed_in(user).get(reverse(name, args=[slug])))


@pytest.mark.parametrize("name", PLACES)
def test_a_projects_pages_say_what_is_stopped(
    world: World, secret: str, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(monkeypatch, dt.datetime(2026, 11, 18, 12, 30, tzinfo=dt.UTC))
    new_budget(world, EVENT, project=world.research)
    spend(world, secret, 2)
    text = read(world.owner, name, "research")
    assert (
        f"All API keys of {world.research.name} are stopped. Requests are refused with 429 because "
        "the project’s budget is spent: $0.0018 of $0.00088." in text
    )
    assert (
        "Since 18 Nov 2026, 12:30 UTC. Until 1 Dec 2026, 00:00 UTC, or until it is raised." in text
    )
    assert "Project Admins, the Owner and Admins can raise it. Show budget Raise amount" in text


@pytest.mark.parametrize("name", ORGANIZATION_PLACES)
def test_an_organizations_pages_say_it_too(world: World, secret: str, name: str) -> None:
    new_budget(world, EVENT, period=BudgetPeriod.TOTAL)
    spend(world, secret)
    text = read(world.owner, name, "northwind")
    assert "All API keys of Northwind are stopped." in text
    assert "Until it is raised. The Owner and Admins can raise it. Show budget Raise amount" in text


@pytest.mark.parametrize(
    ("number", "rest"), [(5, ""), (6, "1 more budget is"), (8, "3 more budgets are")]
)
def test_of_many_stops_five_are_said(world: World, number: int, rest: str) -> None:
    for position in range(number):
        new_budget(world, 0, api_key=issued(world.research, world.owner, f"key-{position}").key)
    text = read(world.owner, "organization", "northwind")
    assert text.count("Requests are refused with 429") == 5
    assert ("more budget" in text) == bool(rest)
    assert f"{rest} spent and refuse" in text or not rest


def test_nothing_is_said_while_nothing_is_stopped(world: World, secret: str) -> None:
    new_budget(world, 3 * EVENT)
    spend(world, secret, 2)
    for name in PLACES:
        assert "stopped." not in read(world.owner, name, "research")


def test_externals_learn_no_amount_and_no_link(world: World, secret: str) -> None:
    new_budget(world, EVENT)
    new_budget(world, EVENT, api_key=world.key)
    spend(world, secret)
    page = signed_in(world.external).get(reverse("api_keys", args=["research"]))
    text = words(page)
    assert "Stopped by its budget" in text
    assert "Project Admins, the Owner and Admins can raise it." in text
    for secret_word in ("budget_", "Show budget", "Raise amount", "$"):
        assert secret_word not in page.content.decode()


def test_members_see_their_projects_budgets_and_raise_none(world: World, secret: str) -> None:
    organization = new_budget(world, EVENT)
    key = new_budget(world, EVENT, api_key=world.key)
    spend(world, secret)
    page = signed_in(world.project_member).get(reverse("project", args=["research"]))
    assert key.public_id in page.content.decode()
    assert organization.public_id not in page.content.decode()
    text = words(page)
    assert "because the organization’s budget is spent." in text
    assert "because its budget is spent: $0.00088 of $0.00088." in text
    assert "Raise amount" not in text


def test_a_row_says_stopped_and_by_which_budget(world: World, secret: str) -> None:
    other = issued(world.research, world.owner, "Untouched").key
    new_budget(world, EVENT, api_key=world.key)
    spend(world, secret)
    page = signed_in(world.owner).get(reverse("api_keys", args=["research"]))
    text = words(page)
    assert "Stopped by its budget" in text
    assert text.count("Stopped by") == 1
    rows = {row.key.pk for row in page.context["rows"]}
    assert rows == {world.key.pk, other.pk}


def test_rows_agree_with_verification(world: World, secret: str) -> None:
    """For each scope: exactly those keys are said to be stopped that are refused."""
    account = create_account(world.owner, world.research, "Build")
    secrets = {world.key.pk: world.key_secret}
    for project, user in ((world.research, world.owner), (world.production, world.project_member)):
        new = issued(project, user, f"{project.slug} key")
        secrets[new.key.pk] = new.secret
    new = create_account_key(
        actor=Actor.of_user(world.owner), account=account, name="CI", expires_at=None
    )
    secrets[new.key.pk] = new.secret
    subjects: list[dict[str, Any]] = [
        {},
        {"project": world.research},
        {"api_key": world.key},
        {"user": world.key.created_by},
        {"service_account": account},
    ]
    keys = list(ApiKey.objects.filter(pk__in=secrets))
    for subject in subjects:
        budget = new_budget(world, 0, **subject)
        access = page_access(world)  # its query says that there are blocks
        said = set(find_key_stops(access, keys).by_key)
        refused = {pk for pk, text in secrets.items() if verify_key(text).code == "budget_exceeded"}
        assert said == refused, subject
        assert refused
        change(world, budget, 1, "alert")


def page_access(world: World) -> Any:
    page = signed_in(world.owner).get(reverse("organization_keys", args=["northwind"]))
    return page.context["access"]


def test_a_stop_costs_one_query_for_all_rows(world: World, secret: str) -> None:
    for name, slug in (("api_keys", "research"), ("organization_keys", "northwind")):
        browser, page = signed_in(world.owner), reverse(name, args=[slug])
        new_budget(world, 0, user=world.member)
        browser.get(page)
        with queries() as few:
            browser.get(page)
        for number in range(20):
            issued(world.research, world.project_member, f"{name} {number}")
        new_budget(world, 0, project=world.research)
        new_budget(world, 0, user=world.project_member)
        with queries() as many:
            browser.get(page)
        assert len(own_queries(many)) == len(own_queries(few))
        assert sum("usage_budgetspend" in sql for sql in own_queries(many)) == 1


def test_a_stop_ends_with_its_period(
    world: World, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(monkeypatch, dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC))
    new_budget(world, EVENT, period=BudgetPeriod.DAY)
    spend(world, secret, 1, time="2026-11-18T11:00:00Z")
    assert "are stopped." in read(world.owner, "project", "research")
    set_clock(monkeypatch, dt.datetime(2026, 11, 19, 0, 0, 1, tzinfo=dt.UTC))
    assert "are stopped." not in read(world.owner, "project", "research")


def test_the_default_keys_page_says_that_it_is_stopped(world: World, secret: str) -> None:
    read_page = partial(read, world.owner, "default_key", "northwind")
    new_budget(world, EVENT, project=world.default)
    new_budget(world, 0, api_key=world.key)
    assert "stopped" not in read_page()
    spend(world, secret, api_key_id=world.default.api_keys.default_key().public_id)
    text = read_page()
    assert f"All API keys of {world.default.name} are stopped." in text
    assert world.key.name not in text


def test_a_service_accounts_page_says_which_of_its_keys_are_stopped(
    world: World, secret: str
) -> None:
    account = create_account(world.owner, world.research, "Build")
    key = create_account_key(actor=Actor.of_user(world.owner), account=account, name="runner").key
    page = reverse("service_account", args=["research", account.public_id])
    browser = signed_in(world.owner)
    new_budget(world, 0, api_key=world.key)
    assert "stopped" not in words(browser.get(page))
    new_budget(world, EVENT, api_key=key)
    spend(world, secret, api_key_id=key.public_id)
    text = words(browser.get(page))
    assert "The API key runner is stopped." in text
    assert world.key.name not in text
    total = new_budget(world, 0, service_account=account, period=BudgetPeriod.TOTAL)
    assert "API keys of Build are stopped." in words(browser.get(page))
    change(world, total, EVENT, BudgetKind.ALERT)
    assert "API keys of Build are stopped." not in words(browser.get(page))


def test_the_list_of_keys_can_be_filtered_by_what_is_stopped(world: World, secret: str) -> None:
    """By the rule of verification, whatever it is that the budget is for."""
    account = create_account(world.owner, world.research, "Build")
    actor = Actor.of_user(world.owner)
    keys = [
        issued(world.research, world.owner, "mine"),
        issued(world.research, world.project_admin, "theirs"),
        create_account_key(actor=actor, account=account, name="robot"),
        issued(world.production, world.owner, "elsewhere"),
    ]
    page = f"{reverse('api_keys', args=['research'])}?status=stopped"
    subjects: list[dict[str, Any]] = [
        {"user": world.owner},
        {"api_key": keys[1].key},
        {"service_account": account},
        {"project": world.production},
        {"project": world.research},
        {},
    ]
    for subject in subjects:
        budget = new_budget(world, 0, **subject)
        rows = signed_in(world.owner).get(page).context["rows"]
        refused = {
            issued_key.key.pk
            for issued_key in keys
            if verify_key(issued_key.secret).code == "budget_exceeded"
            and issued_key.key.project == world.research
        }
        assert {row.key.pk for row in rows} - {world.key.pk} == refused
        assert bool(refused) == (subject.get("project") != world.production)
        change(world, budget, 10**12)
    assert not signed_in(world.owner).get(page).context["rows"]
