"""Budgets of the tests' world, and what is spent of them."""

from itertools import count
from typing import Any

from django.urls import reverse

from accounts.actors import Actor
from accounts.models import Organization, User
from keys.models import SpendBlock
from keys.verification.verdicts import verify_key
from projects.models import Project
from tests.usage.helpers.event_client import event, results
from tests.world import World
from usage.budgets.reference import create_spend_alert, set_spend_limit
from usage.budgets.services import create_budget
from usage.budgets.subjects import Subject
from usage.enums import BudgetKind, BudgetPeriod, Threshold
from usage.models import Budget, BudgetSpend

DOLLAR = 10**10
# What `spend` costs for each event: 1,000 output tokens at $0.88 a million.
EVENT = 8_800_000
TARGETS = ("project", "api_key", "user", "service_account")
NUMBERS = count()


def new_budget(world: World, amount: int, **given: Any) -> Budget:
    """A monthly hard stop of the organization in 10⁻¹⁰ USD, unless `given` says otherwise."""
    subject = Subject(world.organization, **{n: given.pop(n) for n in TARGETS if n in given})
    fields = {"period": BudgetPeriod.MONTH, "kind": BudgetKind.HARD_STOP, **given}
    return create_budget(actor=Actor.of_user(world.owner), subject=subject, amount=amount, **fields)


def notifying_budget(owner: User, place: Organization | Project) -> Budget:
    """A monthly hard stop of an organization or project, whose alerts go to the organization's Owner."""
    subject = (
        Subject(place.organization, project=place) if isinstance(place, Project) else Subject(place)
    )
    return create_budget(
        actor=Actor.of_user(owner),
        subject=subject,
        period=BudgetPeriod.MONTH,
        kind=BudgetKind.HARD_STOP,
        amount=1_000 * DOLLAR,
        alerts=[(Threshold.PERCENT, 80)],
        recipients=[owner],
    )


def programmed_budgets(owner: User, place: Organization | Project) -> Budget:
    """The spend limit of an organization or project, and the spend alert that is returned."""
    subject = (
        Subject(place.organization, project=place) if isinstance(place, Project) else Subject(place)
    )
    actor = Actor.of_user(owner)
    set_spend_limit(actor=actor, subject=subject, amount=1_000 * DOLLAR)
    return create_spend_alert(actor=actor, subject=subject, amount=500 * DOLLAR, recipients=[owner])


def spend(world: World, secret: str, number: int = 1, **given: Any) -> None:
    """Posts so many events of the world's key that cost `EVENT` each."""
    events = [event(world, **{"id": f"spend-{next(NUMBERS)}", **given}) for _ in range(number)]
    assert {result["status"] for result in results(secret, *events)} == {"accepted"}


def spent(budget: Budget) -> list[int]:
    """What was spent in each period, in 10⁻¹⁰ USD."""
    spends = BudgetSpend.objects.filter(budget=budget).order_by("first_day")
    return list(spends.values_list("spent", flat=True))


def blocked() -> set[str]:
    """The public ids of budgets that stop something."""
    return set(SpendBlock.objects.values_list("budget", flat=True))


def verdict(secret: str) -> str:
    return verify_key(secret).code.value


def url(name: str, *args: str) -> str:
    """The URL of a page of budgets: of the project `research`, or of the organization."""
    slug = "research" if name.startswith("project_") else "northwind"
    return reverse(name, args=[slug, *args])
