"""Creates, changes and deletes budgets. What was spent so far counts at once."""

import datetime as dt
from collections.abc import Sequence
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone

from accounts.access.organization import lock_organization
from accounts.actors import Actor
from accounts.audit.writer import record
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.models import Organization, User
from accounts.permissions import Permission
from projects.access import lock_project
from usage.amounts import COST_DIGITS, format_decimal
from usage.budgets.alerts import UNKNOWN, send_due_alerts, send_test
from usage.budgets.blocks import sync_blocks, unblock
from usage.budgets.locks import lock_budgets
from usage.budgets.measuring import measure_spend
from usage.budgets.subjects import Subject, find_viewers
from usage.enums import BudgetAuthority, BudgetKind, BudgetPeriod, Threshold
from usage.ids import OrganizationId
from usage.limits import MAX_CLOCK_SKEW
from usage.models import Budget, BudgetAlert, BudgetSpend
from usage.periods import find_calendar_period

MAX_BUDGETS = 500
AT_MAXIMUM = (
    f"An organization can have at most {MAX_BUDGETS} budgets. Delete one that you don't need."
)
SET_BY_SUPPORT = "Support set this budget. Only support can change or delete it."
DELETED = "This budget has been deleted."
NOT_A_VIEWER = "%(name)s may not see this budget. Choose someone else."
Alerts = Sequence[tuple[Threshold, int]]


def lock_subject(actor: Actor, subject: Subject) -> None:
    """Locks what a budget is for, and checks that `actor` may manage its budgets."""
    if subject.home:
        lock_project(actor.principal, subject.home, Permission.PROJECT_BUDGETS_MANAGE)
    else:
        lock_organization(actor.principal, subject.organization, Permission.BUDGETS_MANAGE)
    lock_budgets(OrganizationId(subject.organization.pk))


@transaction.atomic
def create_budget(
    *,
    actor: Actor,
    subject: Subject,
    period: BudgetPeriod,
    kind: BudgetKind,
    amount: int,
    starts_on: dt.date | None = None,
    alerts: Alerts = (),
    recipients: Sequence[User] = (),
    is_default: bool = False,
) -> Budget:
    """Creates a budget of `amount`, in 10⁻¹⁰ USD, which counts usage of the present period so far.

    Starts with the present period, or on `starts_on` if that is later. Raises Conflict at the maximum
    number of budgets, ValidationError if a recipient may not see the budget.
    """
    lock_subject(actor, subject)
    require_room(subject.organization)
    budget = Budget.objects.create(
        organization=subject.organization,
        **subject.fields,
        period=period,
        kind=kind,
        amount=amount,
        starts_on=starts_on or find_first_day(period),
        authority=BudgetAuthority.ADMINS,
        is_default=is_default,
        created_by=actor.user,
    )
    replace_alerts(budget, alerts, recipients)
    start_counting(budget)
    record(
        actor,
        Action.BUDGET_CREATED,
        organization=subject.organization,
        target=budget,
        after=describe(budget),
    )
    return budget


@transaction.atomic
def change_budget(
    *,
    actor: Actor,
    budget: Budget,
    kind: BudgetKind,
    amount: int,
    alerts: Alerts,
    recipients: Sequence[User],
) -> Budget:
    """Changes a budget from its present period on; a higher amount lifts a stop at once.

    A new amount has its alerts sent anew. Raises Conflict if the budget has been deleted or was set by
    support, ValidationError if a recipient may not see the budget.
    """
    lock_subject(actor, Subject.of(budget))
    locked = Budget.objects.lock(budget.pk)
    require_changeable(locked)
    before = describe(locked)
    locked.revision += amount != locked.amount
    locked.kind, locked.amount = kind, amount
    # Programs know the default as a hard stop. One that no longer stops anything is not theirs.
    locked.is_default = locked.is_default and kind == BudgetKind.HARD_STOP
    locked.save(update_fields=["kind", "amount", "revision", "is_default"])
    replace_alerts(locked, alerts, recipients)
    after = describe(locked)
    if before == after:
        return locked
    apply_change(locked)
    record(
        actor,
        Action.BUDGET_CHANGED,
        organization=locked.organization,
        target=locked,
        before={name: value for name, value in before.items() if after[name] != value},
        after={name: value for name, value in after.items() if before[name] != value},
    )
    return locked


@transaction.atomic
def delete_budget(*, actor: Actor, budget: Budget) -> None:
    """Deletes a budget and lifts its stop. What was spent of it stays for its history.

    Raises Conflict if it was set by support.
    """
    lock_subject(actor, Subject.of(budget))
    locked = Budget.objects.lock(budget.pk)
    if locked.ended_at:
        return
    require_changeable(locked)
    locked.end()
    unblock(locked)
    record(
        actor,
        Action.BUDGET_DELETED,
        organization=locked.organization,
        target=locked,
        before=describe(locked),
    )


@transaction.atomic
def send_test_alert(*, actor: Actor, budget: Budget) -> int:
    """Emails the recipients of a budget what an alert looks like. Returns how many there are.

    Raises Conflict if there are none, or if the budget has been deleted; TooMany if the last test was sent
    less than a minute ago.
    """
    lock_subject(actor, Subject.of(budget))
    locked = Budget.objects.lock(budget.pk)
    if locked.ended_at:
        raise Conflict(DELETED)
    return send_test(locked, timezone.now())


def require_changeable(budget: Budget) -> None:
    """Raises Conflict if a budget has been deleted or was set by support."""
    if budget.ended_at:
        raise Conflict(DELETED)
    if budget.authority == BudgetAuthority.SUPPORT:
        raise Conflict(SET_BY_SUPPORT)


def require_room(organization: Organization) -> None:
    """Raises Conflict if the organization has the maximum number of budgets."""
    if organization.budgets.current().count() >= MAX_BUDGETS:
        raise Conflict(AT_MAXIMUM)


def find_first_day(period: BudgetPeriod) -> dt.date:
    """Returns the first day of the present period, or today for a total."""
    today = timezone.now().astimezone(dt.UTC).date()
    return today if period == BudgetPeriod.TOTAL else find_calendar_period(period, today)[0]


def replace_alerts(budget: Budget, alerts: Alerts, recipients: Sequence[User]) -> None:
    """Saves when who is notified. Raises ValidationError if one of them may not see the budget."""
    require_viewers(budget, recipients)
    requested = {(threshold.value, value) for threshold, value in alerts}
    existing = {(alert.threshold, alert.value): alert for alert in budget.alerts.all()}
    for key in existing.keys() - requested:
        existing[key].delete()
    new = sorted(requested - existing.keys())
    BudgetAlert.objects.bulk_create(
        [BudgetAlert(budget=budget, threshold=threshold, value=value) for threshold, value in new]
    )
    budget.recipients.set(recipients)


def require_viewers(budget: Budget, recipients: Sequence[User]) -> None:
    viewers = {
        user.pk
        for user in find_viewers(Subject.of(budget)).filter(pk__in=[u.pk for u in recipients])
    }
    for user in recipients:
        if user.pk not in viewers:
            error = ValidationError(NOT_A_VIEWER, params={"name": user.name})
            raise ValidationError({"recipients": error})


def start_counting(budget: Budget) -> None:
    """Saves what was spent before there was the budget: in the present period, and in the next one.

    Events may be a few minutes ahead of the console's clock.
    """
    now = timezone.now()
    today = now.astimezone(dt.UTC).date()
    for day in sorted({today, (now + MAX_CLOCK_SKEW).astimezone(dt.UTC).date()}):
        if day < budget.starts_on:
            continue
        days = budget.find_period(day)
        spent = measure_spend(budget, days)
        BudgetSpend.objects.get_or_create(
            budget=budget,
            first_day=days.first_day,
            defaults={"last_day": days.last_day, "amount": budget.amount, "spent": spent},
        )
    apply_change(budget)


def apply_change(budget: Budget) -> None:
    """Applies the budget's amount and alerts to its present and later periods."""
    now = timezone.now()
    today = now.astimezone(dt.UTC).date()
    spends = list(BudgetSpend.objects.since(today).filter(budget=budget).select_for_update())
    for spend in spends:
        spend.budget, spend.amount, spend.alert_at = budget, budget.amount, UNKNOWN
        spend.save(update_fields=["amount", "alert_at"])
    sync_blocks(spends, now)
    send_due_alerts(spends, now)


def describe(budget: Budget) -> dict[str, Any]:
    """Returns what the audit log says about a budget; amounts are decimal text in USD."""
    return {
        "for": str(budget.subject),
        "period": budget.period,
        "kind": budget.kind,
        "amount": format_decimal(budget.amount, COST_DIGITS),
        "alerts": [str(alert) for alert in budget.alerts.all()],
        "recipients": sorted(user.public_id for user in budget.recipients.all()),
    }
