"""One write for each constraint of budgets that goes past the code; part of every_constraint.py."""

from collections.abc import Callable

from django.utils import timezone

from keys.enums import SpendScope
from keys.models import SpendBlock
from tests.database.writes import changed, copied
from tests.support.clock import DAY
from tests.world import World
from usage.amounts import LARGEST
from usage.models import Budget, BudgetAlert, BudgetSpend, SentAlert

TODAY = timezone.now().date()


def budget(world: World) -> Budget:
    """A monthly hard stop of a project, the default one; made once however often it is asked for."""
    project = world.research
    found, _ = Budget.objects.get_or_create(
        organization=world.organization,
        scope=SpendScope.PROJECT,
        target=project.pk,
        project=project,
        defaults={
            "period": "month",
            "kind": "hard_stop",
            "amount": 1,
            "starts_on": TODAY,
            "is_default": True,
        },
    )
    return found


def spend(world: World) -> BudgetSpend:
    values = {"last_day": TODAY + DAY, "amount": 1, "spent": 0}
    return BudgetSpend.objects.get_or_create(
        budget=budget(world), first_day=TODAY, defaults=values
    )[0]


def alert(world: World) -> BudgetAlert:
    return budget(world).alerts.get_or_create(threshold="percent", value=80)[0]


def sent_alert(world: World) -> SentAlert:
    values = {"revision": 1, "threshold": "percent", "value": 80, "spent": 1, "amount": 1}
    return budget(world).sent_alerts.get_or_create(first_day=TODAY, **values)[0]


def block(world: World) -> SpendBlock:
    return SpendBlock.objects.get_or_create(
        organization=world.organization,
        scope=SpendScope.ORGANIZATION,
        target=world.organization.pk,
        budget="budget_x",
        starts_at=timezone.now().replace(microsecond=0),
    )[0]


BUDGET_ATTEMPTS: dict[str, tuple[str, Callable[[World], object]]] = {
    **{
        f"budget_{field}_known": (
            f"budget_{field}_known",
            lambda w, field=field, value=value: copied(
                budget(w), **{"is_default": False, field: value}
            ),
        )
        for field, value in [("period", "year"), ("kind", "maybe"), ("authority", "nobody")]
    },
    "budget_scope_known": (
        "budget_names_its_target",  # which refuses it too
        lambda w: copied(budget(w), is_default=False, scope=9),
    ),
    "budget_names_its_target": (
        "budget_names_its_target",
        lambda w: copied(budget(w), is_default=False, target=w.production.pk),
    ),
    "budget_amount_sane": ("budget_amount_sane", lambda w: changed(budget(w), amount=-1)),
    "budget_default_stops_monthly": (
        "budget_default_stops_monthly",
        lambda w: changed(budget(w), kind="alert"),
    ),
    "budget_one_default": ("usage_budget.scope", lambda w: copied(budget(w))),
    "budgetspend_ends_after_start": (
        "budgetspend_ends_after_start",
        lambda w: BudgetSpend.objects.create(
            budget=budget(w), first_day=TODAY, last_day=TODAY - DAY, amount=1, spent=0
        ),
    ),
    "budgetspend_within_64_bits": (
        "budgetspend_within_64_bits",
        lambda w: changed(spend(w), spent=-LARGEST - 1),
    ),
    "budgetalert_threshold_known": (
        "budgetalert_value_sane",  # which refuses it too
        lambda w: changed(alert(w), threshold="mood"),
    ),
    "budgetalert_once": ("usage_budgetalert.budget_id", lambda w: copied(alert(w))),
    "budgetalert_value_sane": ("budgetalert_value_sane", lambda w: changed(alert(w), value=0)),
    "sentalert_threshold_known": (
        "sentalert_threshold_known",
        lambda w: changed(sent_alert(w), threshold="mood"),
    ),
    "sentalert_once": ("usage_sentalert.budget_id", lambda w: copied(sent_alert(w))),
    "spendblock_scope_known": ("spendblock_scope_known", lambda w: changed(block(w), scope=9)),
    "spendblock_once": ("keys_spendblock.budget", lambda w: copied(block(w))),
    "spendblock_ends_after_start": (
        "spendblock_ends_after_start",
        lambda w: changed(block(w), ends_at=block(w).starts_at),
    ),
    "spendblock_of_its_organization": (
        "spendblock_of_its_organization",
        lambda w: changed(block(w), target=0),
    ),
}
