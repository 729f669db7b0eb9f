"""Budgets as OpenAI's Administration API has them: one spend limit of a scope, and spend alerts.

The spend limit is the monthly hard stop that is marked as the default. A spend alert is a monthly budget
that only notifies, when its whole amount is spent.
"""

from collections.abc import Sequence

from django.db import transaction

from accounts.actors import Actor
from accounts.errors import Conflict
from accounts.models import User
from usage.budgets.services import change_budget, create_budget, lock_subject
from usage.budgets.subjects import Subject, find_viewers
from usage.enums import BudgetKind, BudgetPeriod, Threshold
from usage.models import Budget
from usage.models.budget import BudgetQuerySet

WHOLE = (Threshold.PERCENT, 100)
SAME_AMOUNT = "There is a spend alert of this amount. Change who it notifies instead."


def find_monthly(subject: Subject) -> BudgetQuerySet:
    """Returns the monthly budgets of exactly this subject that were not deleted."""
    fields = subject.fields
    budgets: BudgetQuerySet = subject.organization.budgets.current()
    return budgets.filter(scope=fields["scope"], target=fields["target"], period=BudgetPeriod.MONTH)


def find_spend_limit(subject: Subject) -> Budget | None:
    """Returns the budget that is the spend limit of a subject, or None if it has none."""
    return find_monthly(subject).with_subjects().filter(is_default=True).first()


def find_spend_alerts(subject: Subject) -> BudgetQuerySet:
    """Returns the budgets that are spend alerts of a subject."""
    alerting = find_monthly(subject).filter(kind=BudgetKind.ALERT)
    return alerting.filter(alerts__threshold=WHOLE[0], alerts__value=WHOLE[1]).with_subjects()


@transaction.atomic
def set_spend_limit(*, actor: Actor, subject: Subject, amount: int) -> Budget:
    """Creates the spend limit of a subject or changes its amount, in 10⁻¹⁰ USD.

    Alerts and recipients stay as they are. Raises Conflict if support set it, or at the maximum number of
    budgets.
    """
    lock_subject(actor, subject)
    existing = find_spend_limit(subject)
    if existing:
        return change_amount(actor, existing, amount)
    return create_budget(
        actor=actor,
        subject=subject,
        period=BudgetPeriod.MONTH,
        kind=BudgetKind.HARD_STOP,
        amount=amount,
        is_default=True,
    )


@transaction.atomic
def create_spend_alert(
    *, actor: Actor, subject: Subject, amount: int, recipients: Sequence[User]
) -> Budget:
    """Creates an alert of `amount`, in 10⁻¹⁰ USD. Raises Conflict if the subject has one of this amount.

    A client that sends its request again therefore does not create a second one.
    """
    lock_subject(actor, subject)
    if find_spend_alerts(subject).filter(amount=amount).exists():
        raise Conflict(SAME_AMOUNT)
    return create_budget(
        actor=actor,
        subject=subject,
        period=BudgetPeriod.MONTH,
        kind=BudgetKind.ALERT,
        amount=amount,
        alerts=[WHOLE],
        recipients=recipients,
    )


@transaction.atomic
def change_spend_alert(
    *, actor: Actor, budget: Budget, amount: int, recipients: Sequence[User]
) -> Budget:
    """Changes the amount of an alert, in 10⁻¹⁰ USD, and who is notified.

    Raises Conflict if it has been deleted or was set by support.
    """
    lock_subject(actor, Subject.of(budget))
    return change_amount(actor, budget, amount, recipients)


def change_amount(
    actor: Actor, budget: Budget, amount: int, recipients: Sequence[User] | None = None
) -> Budget:
    """Changes the amount of a budget whose subject is locked, and nothing else unless `recipients` says so.

    Those who may not see the budget any more are no recipients any more.
    """
    locked = Budget.objects.lock(budget.pk)
    if recipients is None:
        viewers = find_viewers(Subject.of(locked))
        recipients = list(viewers.filter(pk__in=locked.recipients.values("pk")))
    return change_budget(
        actor=actor,
        budget=locked,
        kind=BudgetKind(locked.kind),
        amount=amount,
        alerts=[(Threshold(alert.threshold), alert.value) for alert in locked.alerts.all()],
        recipients=recipients,
    )
