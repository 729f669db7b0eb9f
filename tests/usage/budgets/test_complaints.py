"""What people complained about publicly in budgets of other platforms, tried here.

Budgets that do not start again, stops that stay, alerts with every request, and ways around a budget.
"""

import datetime as dt
from functools import partial

import pytest
from django.test import Client

from accounts.actors import Actor
from accounts.models import OutgoingMail
from keys.api_keys.services import rotate_key
from keys.service_accounts.services import create_account_key
from tests.keys.helpers.service_accounts import create_account
from tests.support.clock import set_clock
from tests.support.pages import signed_in, words
from tests.usage.budgets.setup import EVENT, new_budget, spend, spent, url, verdict
from tests.usage.helpers.event_client import corrected, rfc_3339
from tests.world import World, issued
from usage.budgets.services import change_budget
from usage.enums import BudgetKind, BudgetPeriod, Threshold
from usage.models import Budget

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC)
SUBJECTS = ("organization", "research", "key", "project_member")
# A product that is billed to the Default Project.
HOURS = {"product": "volumes", "line_item": "gb_hours", "unit": "gb-hour", "dimensions": None}


def budget_of(world: World, name: str, amount: int, **given: object) -> Budget:
    subjects = {
        "organization": {},
        "research": {"project": world.research},
        "key": {"api_key": world.key},
        "project_member": {"user": world.project_member},
    }
    return new_budget(world, amount, **subjects[name], **given)


@pytest.mark.parametrize("name", SUBJECTS)
@pytest.mark.parametrize("period", [BudgetPeriod.DAY, BudgetPeriod.WEEK, BudgetPeriod.MONTH])
def test_a_budget_starts_again_with_each_period(
    world: World,
    secret: str,
    name: str,
    period: BudgetPeriod,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_clock(monkeypatch, NOON)
    budget = budget_of(world, name, EVENT, period=period)
    for number in range(1, 4):
        days = budget.find_period(NOON.date() + dt.timedelta(days=31 * (number - 1)))
        set_clock(monkeypatch, days.starts_at + dt.timedelta(hours=12))
        assert verdict(world.key_secret) == "valid"
        now = days.starts_at + dt.timedelta(hours=11)
        spend(world, secret, time=rfc_3339(now))
        assert verdict(world.key_secret) == "budget_exceeded"
        assert spent(budget) == [EVENT] * number


@pytest.mark.parametrize("name", SUBJECTS)
def test_a_stop_is_gone_once_the_amount_is_raised(world: World, secret: str, name: str) -> None:
    budget = budget_of(world, name, EVENT)
    spend(world, secret, 2)
    assert verdict(world.key_secret) == "budget_exceeded"
    home = "project_" if name in ("research", "key") else ""
    page = url(f"{home}budget_change", budget.public_id)
    browser = signed_in(world.owner)
    assert browser.post(page, {"amount": "0.0025", "kind": "hard_stop"}).status_code == 302
    assert verdict(world.key_secret) == "valid"
    assert "stopped" not in words(browser.get(url("budgets")))


def test_an_alert_is_sent_once_and_not_with_every_request(world: World, secret: str) -> None:
    budget = new_budget(
        world,
        4 * EVENT,
        alerts=[(Threshold.PERCENT, 50), (Threshold.PERCENT, 100)],
        recipients=[world.owner],
    )
    alerts = OutgoingMail.objects.filter(kind="budget_alert")
    for number in range(12):
        spend(world, secret, id=f"n{number}")
    assert alerts.count() == 2
    for number in range(9):
        void = {"id": f"v{number}", "event_id": f"n{number}", "kind": "void", "reason": "Test."}
        corrected(secret, void)
    assert spent(budget) == [3 * EVENT]
    spend(world, secret, 5)
    assert alerts.count() == 2
    again = partial(
        change_budget,
        actor=Actor.of_user(world.owner),
        budget=budget,
        alerts=[(Threshold.PERCENT, 50), (Threshold.PERCENT, 100)],
        recipients=[world.owner],
    )
    again(kind=BudgetKind.DRY_RUN, amount=4 * EVENT)
    assert alerts.count() == 2
    again(kind=BudgetKind.HARD_STOP, amount=16 * EVENT)
    assert alerts.count() == 3
    spend(world, secret, 4)
    assert alerts.count() == 3


def test_the_budget_of_a_key_survives_its_rotation(world: World, secret: str) -> None:
    budget = new_budget(world, 3 * EVENT, api_key=world.key)
    spend(world, secret, 2)
    new = rotate_key(
        actor=Actor.of_user(world.owner), key=world.key, overlap=dt.timedelta(hours=1)
    ).secret
    assert spent(budget) == [2 * EVENT]
    assert verdict(world.key_secret) == verdict(new) == "valid"
    spend(world, secret)
    assert verdict(world.key_secret) == verdict(new) == "budget_exceeded"


def test_requests_that_are_refused_spend_nothing(world: World, secret: str) -> None:
    budget = new_budget(world, EVENT)
    spend(world, secret)
    gateway = {"Authorization": f"Bearer {world.key_secret}"}
    for _ in range(20):
        assert Client().get("/v1/auth", headers=gateway).status_code == 429
    assert spent(budget) == [EVENT]


def test_requests_that_are_accepted_spend_only_what_their_events_say(
    world: World, secret: str
) -> None:
    budget = new_budget(world, 2 * EVENT)
    for _ in range(20):
        assert verdict(world.key_secret) == "valid"
    spend(world, secret, id="once")
    assert spent(budget) == [EVENT]


@pytest.mark.parametrize("place", ["research", "production", "default"])
def test_the_budget_of_a_person_holds_for_keys_they_create_later(
    world: World, secret: str, place: str
) -> None:
    new_budget(world, EVENT, user=world.project_member)
    spend(world, secret)
    later = issued(getattr(world, place), world.project_member, "later")
    assert verdict(later.secret) == "budget_exceeded"


def test_the_budget_of_a_person_leaves_keys_of_service_accounts_alone(
    world: World, secret: str
) -> None:
    new_budget(world, EVENT, user=world.project_admin)
    account = create_account(world.project_admin, world.research)
    key = create_account_key(
        actor=Actor.of_user(world.project_admin), account=account, name="CI", expires_at=None
    )
    spend(world, secret, api_key_id=key.key.public_id)
    assert verdict(key.secret) == "valid"


@pytest.mark.parametrize("name", ["research", "key", "project_member"])
def test_usage_that_is_billed_elsewhere_does_not_escape(
    world: World, secret: str, name: str
) -> None:
    budget = budget_of(world, name, 1)
    spend(world, secret, **HOURS)
    assert spent(budget)[0] > 0
    assert verdict(world.key_secret) == "budget_exceeded"
