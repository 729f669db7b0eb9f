"""Notifies the recipients of budgets of what was spent, once for each period, threshold and amount."""

import datetime as dt
from collections.abc import Iterable, Sequence

from accounts.enums import Notification
from accounts.errors import Conflict, TooMany
from accounts.models import User
from accounts.outbox import build_notification, queue_all
from usage.budgets.subjects import Subject, find_viewers
from usage.models import Budget, BudgetAlert, BudgetSpend, SentAlert
from usage.reports.formatting import format_money

# As `alert_at`: which alert is the next one is found out when something is spent.
UNKNOWN = 0
TEMPLATE = "usage/mail/budget_alert.txt"
FORECAST_TEMPLATE = "usage/mail/budget_forecast.txt"
TEST_TEMPLATE = "usage/mail/budget_test.txt"
BETWEEN_TESTS = dt.timedelta(minutes=1)
NO_RECIPIENTS = "This budget notifies no one. Change it, and choose who is notified."
TOO_MANY_TESTS = "A test was sent less than a minute ago. Wait a minute, then send another one."


def send_due_alerts(spends: Iterable[BudgetSpend], now: dt.datetime) -> None:
    """Sends the alerts that the locked spends have reached, and remembers which come next."""
    for spend in spends:
        if spend.alert_at is not None and spend.spent >= spend.alert_at:
            alerts = list(spend.budget.alerts.by_spend())
            reached = [
                alert for alert in alerts if alert.compute_level(spend.amount) <= spend.spent
            ]
            send_alerts(spend, reached, now)
            schedule_next(spend, alerts)


def schedule_next(spend: BudgetSpend, alerts: Iterable[BudgetAlert]) -> None:
    """Saves from which spend on the next alert is due."""
    levels = (alert.compute_level(spend.amount) for alert in alerts)
    spend.alert_at = min((level for level in levels if level > spend.spent), default=None)
    spend.save(update_fields=["alert_at"])


def send_alerts(spend: BudgetSpend, alerts: Sequence[BudgetAlert], now: dt.datetime) -> None:
    """Records alerts, and emails the recipients about the highest one that was not sent before."""
    sent = [alert for alert in alerts if record_alert(spend, alert, now)]
    if not sent:
        return
    highest = max(sent, key=lambda alert: alert.compute_level(spend.amount))
    subject = f"Budget alert: {spend.budget.title}"
    queue_all(
        build_notification(
            user,
            subject,
            TEMPLATE,
            kind=Notification.BUDGET_ALERT,
            spend=spend,
            alert=highest,
            spent=format_money(spend.spent),
            amount=format_money(spend.amount),
        )
        for user in find_recipients(spend.budget)
    )


def send_forecast(spend: BudgetSpend, forecast: int) -> None:
    """Emails the recipients that more will be spent than the amount, `forecast` in 10⁻¹⁰ USD."""
    queue_all(
        build_notification(
            user,
            f"Budget forecast: {spend.budget.title}",
            FORECAST_TEMPLATE,
            kind=Notification.BUDGET_ALERT,
            spend=spend,
            forecast=format_money(forecast),
            spent=format_money(spend.spent),
            amount=format_money(spend.amount),
        )
        for user in find_recipients(spend.budget)
    )


def send_test(budget: Budget, now: dt.datetime) -> int:
    """Emails the recipients of a locked budget what an alert looks like. Returns how many there are.

    Raises Conflict if there are none, TooMany if the last test was sent less than a minute ago.
    """
    recipients = find_recipients(budget)
    if not recipients:
        raise Conflict(NO_RECIPIENTS)
    if budget.tested_at and now - budget.tested_at < BETWEEN_TESTS:
        wait = int(BETWEEN_TESTS.total_seconds())
        raise TooMany(TOO_MANY_TESTS, params={}, retry_after=wait)
    budget.tested_at = now
    budget.save(update_fields=["tested_at"])
    queue_all(
        build_notification(
            user,
            f"Test of a budget alert: {budget.title}",
            TEST_TEMPLATE,
            kind=Notification.BUDGET_ALERT,
            budget=budget,
            amount=format_money(budget.amount),
        )
        for user in recipients
    )
    return len(recipients)


def record_alert(spend: BudgetSpend, alert: BudgetAlert, now: dt.datetime) -> bool:
    """Records that an alert is sent. Returns False if it was sent already for this period and amount."""
    _, is_new = SentAlert.objects.get_or_create(
        budget=spend.budget,
        first_day=spend.first_day,
        revision=spend.budget.revision,
        threshold=alert.threshold,
        value=alert.value,
        defaults={"spent": spend.spent, "amount": spend.amount, "sent_at": now},
    )
    return is_new


def find_recipients(budget: Budget) -> list[User]:
    """Returns the chosen people who may still see the budget and want these emails."""
    active = budget.recipients.filter(pk__in=find_viewers(Subject.of(budget)).values("pk"))
    return list(active.exclude(muted_notifications__kind=Notification.BUDGET_ALERT).order_by("pk"))
