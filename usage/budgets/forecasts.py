"""What will be spent of a budget by the end of its period, and the alerts about that."""

import datetime as dt

from django.core.cache import cache
from django.db import transaction
from django.utils import timezone

from usage.budgets.alerts import record_alert, send_forecast
from usage.budgets.measuring import measure_spend
from usage.enums import Threshold
from usage.models import Budget, BudgetSpend
from usage.periods import BudgetDays

# Whole days whose average stands for each day that is left.
BASIS = 7
# The key in the cache that says that forecasts were looked at, and for how many seconds.
CHECKED, EVERY = "budgets:forecasts", 3600


def forecast_spend(budget: Budget, spend: BudgetSpend, now: dt.datetime) -> int | None:
    """Returns what will be spent by the end of the period of `spend`, in 10⁻¹⁰ USD.

    That is what is spent, and for each day after today the average of the last seven whole days, rounded
    down. None for a period that never ends or is not the present one.
    """
    today = now.astimezone(dt.UTC).date()
    if spend.last_day is None or not spend.first_day <= today <= spend.last_day:
        return None
    basis = BudgetDays(today - dt.timedelta(days=BASIS), today - dt.timedelta(days=1))
    days_left = (spend.last_day - today).days
    return spend.spent + measure_spend(budget, basis) * days_left // BASIS


def send_forecast_alerts() -> int:
    """Sends the forecast alerts that are due, at most once an hour. Returns how many were sent.

    Each is sent once for a period and an amount of its budget.
    """
    if not cache.add(CHECKED, 1, timeout=EVERY):
        return 0
    budgets = Budget.objects.current().filter(alerts__threshold=Threshold.FORECAST)
    return sum(send_forecast_alert(pk) for pk in budgets.values_list("pk", flat=True).distinct())


@transaction.atomic
def send_forecast_alert(pk: int) -> bool:
    """Sends the forecast alert of a budget if the forecast exceeds the amount and it was not sent before."""
    now, budget = timezone.now(), Budget.objects.lock(pk)
    alert = budget.alerts.filter(threshold=Threshold.FORECAST).first()
    if budget.ended_at or alert is None:
        return False
    spend = budget.spends.on(now.astimezone(dt.UTC).date()).first()
    if spend is None or was_sent(budget, spend):
        return False
    spend.budget = budget
    forecast = forecast_spend(budget, spend, now)
    if forecast is None or forecast <= spend.amount:
        return False
    record_alert(spend, alert, now)
    send_forecast(spend, forecast)
    return True


def was_sent(budget: Budget, spend: BudgetSpend) -> bool:
    """Returns whether the forecast alert of this period and amount was sent already."""
    sent = budget.sent_alerts.filter(first_day=spend.first_day, revision=budget.revision)
    return sent.filter(threshold=Threshold.FORECAST).exists()
