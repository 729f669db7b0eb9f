"""What is due by itself: ended blocks are deleted, forecasts looked at; `reconcile` looks at budgets too."""

import datetime as dt
from io import StringIO

import pytest
from django.core.cache import cache
from django.core.management import CommandError, call_command

from accounts.models import OutgoingMail
from keys.models import SpendBlock
from tests.support.clock import set_clock
from tests.usage.budgets.setup import EVENT, new_budget, spend
from tests.usage.budgets.test_stops import change
from tests.usage.helpers.event_client import rfc_3339
from tests.world import World
from usage.budgets.blocks import delete_ended_blocks
from usage.budgets.forecasts import CHECKED, forecast_spend, send_forecast_alerts
from usage.enums import BudgetKind, BudgetPeriod, Threshold
from usage.models import Budget, BudgetSpend

pytestmark = pytest.mark.django_db
NOON = dt.datetime(2026, 11, 18, 12, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


@pytest.fixture(autouse=True)
def clock(world: World, secret: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Time stands still, once there is a world."""
    set_clock(monkeypatch, NOON)
    cache.delete(CHECKED)


def check() -> int:
    """Sends forecast alerts as an hour later."""
    cache.delete(CHECKED)
    return send_forecast_alerts()


def spend_each_day(world: World, secret: str) -> None:
    """Of the last ten days, today among them, one event each."""
    for days in range(10):
        spend(world, secret, time=rfc_3339(NOON - days * DAY))


def test_ended_blocks_are_deleted_and_others_stay(
    world: World, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    new_budget(world, EVENT, period=BudgetPeriod.DAY)
    total = new_budget(world, EVENT, period=BudgetPeriod.TOTAL)
    spend(world, secret, time=rfc_3339(NOON))
    assert delete_ended_blocks() == 0
    set_clock(monkeypatch, NOON + DAY)
    assert delete_ended_blocks() == 1
    assert SpendBlock.objects.get().budget == total.public_id


def test_a_forecast_is_what_is_spent_and_seven_days_average(world: World, secret: str) -> None:
    spend_each_day(world, secret)
    budget = new_budget(world, 10**12)
    one = budget.spends.get()
    assert one.spent == 10 * EVENT
    # Seven whole days of one event each; after the 18th there are twelve days.
    assert forecast_spend(budget, one, NOON) == (10 + 12) * EVENT
    total = new_budget(world, 10**12, period=BudgetPeriod.TOTAL)
    assert forecast_spend(total, total.spends.get(), NOON) is None


def forecasting(world: World, amount: int) -> Budget:
    return new_budget(
        world,
        amount,
        kind=BudgetKind.ALERT,
        alerts=[(Threshold.FORECAST, 0)],
        recipients=[world.owner],
    )


def test_a_forecast_alert_is_sent_once_for_a_period_and_amount(world: World, secret: str) -> None:
    spend_each_day(world, secret)
    enough = forecasting(world, 22 * EVENT)
    budget = forecasting(world, 22 * EVENT - 1)
    assert [check(), check()] == [1, 0]
    assert not enough.sent_alerts.exists()
    assert budget.sent_alerts.get().threshold == Threshold.FORECAST
    mail = OutgoingMail.objects.get(kind="budget_alert")
    assert (mail.recipient, "Budget forecast" in mail.subject) == (world.owner, True)
    alerts = [(Threshold.FORECAST, 0)]
    for amount, sent in ((21 * EVENT, 1), (40 * EVENT, 0)):
        changed = change(world, budget, amount, "alert")
        changed.alerts.create(threshold=alerts[0][0], value=0)
        assert check() == sent


def test_forecasts_are_looked_at_once_an_hour(world: World, secret: str) -> None:
    assert check() == 0
    spend_each_day(world, secret)
    forecasting(world, EVENT)
    assert send_forecast_alerts() == 0
    assert check() == 1


def test_reconcile_compares_budgets_with_the_ledger(world: World, secret: str) -> None:
    spend_each_day(world, secret)
    budget = new_budget(world, 100 * EVENT, period=BudgetPeriod.DAY)
    new_budget(world, 100 * EVENT, project=world.research)
    spend(world, secret, time=rfc_3339(NOON))
    printed = StringIO()
    call_command("reconcile", stdout=printed)
    assert "2 periods of budgets" in printed.getvalue()
    BudgetSpend.objects.filter(budget=budget).update(spent=5)
    printed = StringIO()
    with pytest.raises(CommandError, match="1 differences"):
        call_command("reconcile", stdout=printed)
    assert budget.public_id in printed.getvalue()
    assert "counted 0.0000000005 USD; daily totals 0.00176 USD" in printed.getvalue()
