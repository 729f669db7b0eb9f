"""A hard stop refuses keys from the event on that spends the budget, until it is raised or starts again."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actors import Actor
from keys.enums import SpendScope
from keys.models import SpendBlock
from tests.support.clock import set_clock
from tests.usage.budgets.setup import EVENT, blocked, new_budget, spend, spent, verdict
from tests.usage.helpers.event_client import corrected, rfc_3339
from tests.world import World, issued
from usage.budgets.services import change_budget, delete_budget
from usage.enums import BudgetKind, BudgetPeriod
from usage.models import Budget

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC)  # a Wednesday


def change(world: World, budget: Budget, amount: int, kind: str = BudgetKind.HARD_STOP) -> Budget:
    return change_budget(
        actor=Actor.of_user(world.owner),
        budget=budget,
        kind=BudgetKind(kind),
        amount=amount,
        alerts=(),
        recipients=(),
    )


def test_the_event_that_spends_a_budget_stops_the_key(world: World, secret: str) -> None:
    budget = new_budget(world, 3 * EVENT)
    spend(world, secret, 2)
    assert verdict(world.key_secret) == "valid"
    spend(world, secret)
    assert verdict(world.key_secret) == "budget_exceeded"
    assert spent(budget) == [3 * EVENT]


def test_usage_after_the_stop_is_still_recorded(world: World, secret: str) -> None:
    budget = new_budget(world, EVENT)
    spend(world, secret, 5)
    assert spent(budget) == [5 * EVENT]


@pytest.mark.parametrize("kind", [BudgetKind.ALERT, BudgetKind.DRY_RUN])
def test_other_budgets_stop_nothing(world: World, secret: str, kind: BudgetKind) -> None:
    new_budget(world, EVENT, kind=kind)
    spend(world, secret, 2)
    assert verdict(world.key_secret) == "valid"
    assert not blocked()


def test_a_budget_counts_what_was_spent_before_it_was_made(world: World, secret: str) -> None:
    spend(world, secret, 3)
    budget = new_budget(world, 3 * EVENT)
    assert spent(budget) == [3 * EVENT]
    assert verdict(world.key_secret) == "budget_exceeded"


def test_raising_a_budget_lifts_its_stop_at_the_next_request(world: World, secret: str) -> None:
    budget = new_budget(world, EVENT)
    spend(world, secret)
    change(world, budget, 2 * EVENT)
    assert verdict(world.key_secret) == "valid"
    spend(world, secret)
    assert verdict(world.key_secret) == "budget_exceeded"


def test_lowering_a_budget_below_what_was_spent_stops_at_once(world: World, secret: str) -> None:
    budget = new_budget(world, 9 * EVENT)
    spend(world, secret, 2)
    change(world, budget, 2 * EVENT)
    assert verdict(world.key_secret) == "budget_exceeded"


def test_a_stop_ends_with_its_budget_and_with_its_kind(world: World, secret: str) -> None:
    first, second = new_budget(world, EVENT), new_budget(world, EVENT, project=world.research)
    spend(world, secret)
    assert blocked() == {first.public_id, second.public_id}
    delete_budget(actor=Actor.of_user(world.owner), budget=first)
    change(world, second, EVENT, BudgetKind.ALERT)
    assert verdict(world.key_secret) == "valid"


def test_a_correction_that_gives_money_back_lifts_the_stop(world: World, secret: str) -> None:
    new_budget(world, EVENT)
    spend(world, secret, id="dear")
    corrected(secret, {"id": "v", "event_id": "dear", "kind": "void", "reason": "Never ran."})
    assert verdict(world.key_secret) == "valid"


@pytest.mark.parametrize(
    ("period", "last_day"),
    [
        (BudgetPeriod.DAY, dt.date(2026, 11, 18)),
        (BudgetPeriod.WEEK, dt.date(2026, 11, 22)),
        (BudgetPeriod.MONTH, dt.date(2026, 11, 30)),
    ],
)
def test_a_new_period_lifts_the_stop_without_a_job(
    world: World,
    secret: str,
    period: BudgetPeriod,
    last_day: dt.date,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    set_clock(monkeypatch, NOON)
    new_budget(world, EVENT, period=period)
    spend(world, secret)
    last = dt.datetime.combine(last_day, dt.time(23, 59, 59), dt.UTC)
    set_clock(monkeypatch, last)
    assert verdict(world.key_secret) == "budget_exceeded"
    set_clock(monkeypatch, last + dt.timedelta(seconds=1))
    assert verdict(world.key_secret) == "valid"


def test_a_total_never_starts_again(
    world: World, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(monkeypatch, NOON)
    new_budget(world, EVENT, period=BudgetPeriod.TOTAL)
    spend(world, secret)
    set_clock(monkeypatch, NOON + dt.timedelta(days=4000))
    assert verdict(world.key_secret) == "budget_exceeded"


def test_late_events_count_in_their_period_and_stop_nothing_now(
    world: World, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(monkeypatch, NOON - dt.timedelta(days=3))
    budget = new_budget(world, EVENT, period=BudgetPeriod.DAY)
    set_clock(monkeypatch, NOON)
    spend(world, secret, time=rfc_3339(NOON - dt.timedelta(days=2)))
    spend(world, secret, time=rfc_3339(NOON - dt.timedelta(days=9)))  # before the budget
    assert spent(budget) == [0, EVENT]
    assert verdict(world.key_secret) == "valid"


def test_events_ahead_of_the_clock_stop_only_the_next_period(
    world: World, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    midnight = dt.datetime(2026, 11, 19, tzinfo=dt.UTC)
    set_clock(monkeypatch, midnight - dt.timedelta(minutes=3))
    new_budget(world, EVENT, period=BudgetPeriod.DAY)
    spend(world, secret, time=rfc_3339(midnight + dt.timedelta(minutes=1)))
    assert verdict(world.key_secret) == "valid"
    set_clock(monkeypatch, midnight)
    assert verdict(world.key_secret) == "budget_exceeded"


def test_budgets_of_others_stop_nothing(world: World, secret: str) -> None:
    new_budget(world, EVENT, project=world.production)
    new_budget(world, EVENT, api_key=issued(world.research, world.project_member, "other").key)
    new_budget(world, EVENT, user=world.project_admin)
    spend(world, secret, 2)
    assert verdict(world.key_secret) == "valid"


def test_a_person_is_stopped_in_all_their_keys_of_the_organization(
    world: World, secret: str
) -> None:
    second = issued(world.production, world.project_member, "second")
    new_budget(world, EVENT, user=world.project_member)
    spend(world, secret, api_key_id=second.key.public_id)
    assert verdict(world.key_secret) == verdict(second.secret) == "budget_exceeded"
    assert verdict(world.other_key_secret) == "valid"


def test_usage_of_products_without_project_billing_counts_for_its_project(
    world: World, secret: str
) -> None:
    hours = {"product": "volumes", "line_item": "gb_hours", "unit": "gb-hour", "dimensions": None}
    budget = new_budget(world, 1, project=world.research)
    default = new_budget(world, 1, project=world.default, kind=BudgetKind.ALERT)
    spend(world, secret, **hours)
    assert verdict(world.key_secret) == "budget_exceeded"
    assert spent(budget)[0] > 0
    assert spent(default) == [0]


def test_a_gateway_is_told_which_budget_is_spent_and_until_when(
    world: World, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    set_clock(monkeypatch, NOON)
    day = new_budget(world, EVENT, period=BudgetPeriod.DAY)
    month = new_budget(world, EVENT)
    spend(world, secret)
    answer = Client().post(
        "/v1/keys/verify",
        {"key": world.key_secret},
        content_type="application/json",
        headers={"Authorization": f"Bearer {secret}"},
    )
    assert answer.json() == {
        "valid": False,
        "code": "budget_exceeded",
        "budget_id": month.public_id,
        "resets_at": "2026-12-01T00:00:00Z",
    }
    delete_budget(actor=Actor.of_user(world.owner), budget=month)
    answer = Client().get("/v1/auth", headers={"Authorization": f"Bearer {world.key_secret}"})
    assert answer.status_code == 429
    assert answer.headers["X-Reason"] == "budget_exceeded"
    assert answer.headers["Retry-After"] == str(12 * 60 * 60)
    assert answer.json()["error"]["message"] == (
        f"The budget {day.public_id} of this API key is spent until 2026-11-19T00:00:00Z."
    )


def test_verification_stays_at_one_query_whatever_the_number_of_budgets(
    world: World, secret: str
) -> None:
    for number in range(10):
        new_budget(world, 10**12 + number, project=world.research)
    now = timezone.now()
    SpendBlock.objects.bulk_create(
        SpendBlock(
            organization=world.other_organization,
            scope=2,
            target=number,
            budget=f"b{number}",
            starts_at=now,
        )
        for number in range(500)
    )
    with CaptureQueriesContext(connection) as queries:
        assert verdict(world.key_secret) == "valid"
    assert len(queries) == 1


def test_a_block_stops_only_what_its_scope_names(world: World) -> None:
    """Rows of different tables have the same numbers, and those of other organizations have blocks too."""
    user = world.project_member
    own = {
        SpendScope.ORGANIZATION: world.organization.pk,
        SpendScope.PROJECT: world.research.pk,
        SpendScope.API_KEY: world.key.pk,
        SpendScope.PERSON: user.pk,
    }
    numbers = {*own.values(), 0, 10**9}
    for scope in SpendScope:
        for number in numbers:
            is_own = own.get(scope) == number
            owner = world.other_organization if is_own else world.organization
            if scope == SpendScope.ORGANIZATION and number != owner.pk:
                continue
            SpendBlock.objects.create(
                organization=owner,
                scope=scope,
                target=number,
                budget=f"budget_{scope}_{number}",
                starts_at=NOON - dt.timedelta(days=1),
            )
    assert verdict(world.key_secret) == "valid"
    for scope, number in own.items():
        block = SpendBlock.objects.create(
            organization=world.organization,
            scope=scope,
            target=number,
            budget="budget_own",
            starts_at=NOON - dt.timedelta(days=1),
        )
        assert verdict(world.key_secret) == "budget_exceeded"
        block.delete()
