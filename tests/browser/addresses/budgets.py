"""Pages of budgets; part of the list in every_page.py."""

from django.urls import reverse

from accounts.actors import Actor
from tests.browser.addresses.personal_tokens import LONG_NAME
from tests.usage.budgets.setup import DOLLAR, new_budget, notifying_budget
from tests.world import World, issued
from usage.budgets.services import delete_budget
from usage.enums import BudgetKind, BudgetPeriod

ACTS = ("budget", "budget_change", "budget_delete", "budget_test")


def budget_pages(world: World) -> list[str]:
    """Lists with budgets in each state, creating one, a budget's own page and its acts."""
    slug, research = world.organization.slug, world.research.slug
    budget = notifying_budget(world.owner, world.organization)
    new_budget(world, DOLLAR, user=world.member, period=BudgetPeriod.TOTAL)
    long = issued(world.research, world.owner, LONG_NAME).key
    stopping = new_budget(world, 0, api_key=long, period=BudgetPeriod.WEEK)
    new_budget(world, 0, project=world.research, kind=BudgetKind.DRY_RUN)
    deleted = new_budget(world, DOLLAR, project=world.research)
    delete_budget(actor=Actor.of_user(world.owner), budget=deleted)
    return [
        reverse("budgets", args=[slug]),
        reverse("budget_create", args=[slug]),
        *(reverse(name, args=[slug, budget.public_id]) for name in ACTS),
        reverse("project_budgets", args=[research]),
        reverse("project_budget_create", args=[research]) + f"?scope={long.public_id}",
        *(reverse(f"project_{name}", args=[research, stopping.public_id]) for name in ACTS),
        reverse("project_budget", args=[research, deleted.public_id]),
        *(reverse(name, args=[research]) for name in ("project", "api_keys", "usage")),
    ]
