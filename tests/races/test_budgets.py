"""Hard stops under load: nothing is accepted after the answer to the event that spent the budget.

And writers meet people who create and change budgets: no deadlock, and no cost is lost or counted twice.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

import pytest

from accounts.actors import Actor
from tests.races.at_once import SECONDS, at_once
from tests.usage.budgets.setup import EVENT, NUMBERS, new_budget, spend, spent, verdict
from tests.usage.helpers.event_client import corrected, event, pipe, results
from tests.world import World, issued
from usage.budgets.measuring import measure_spend
from usage.budgets.services import change_budget
from usage.enums import BudgetKind, BudgetPeriod
from usage.models import Budget, BudgetSpend

pytestmark = pytest.mark.django_db(transaction=True)
WORKERS = 8


@pytest.fixture
def trials(long_run: bool) -> range:
    return range(20 if long_run else 2)


@dataclass
class Gateways:
    """Workers that verify a key time and again, until all have been refused or accepted `wanted`."""

    key: str
    wanted: str
    started: threading.Barrier = field(default_factory=lambda: threading.Barrier(WORKERS + 1))
    # When each request began, and what it was answered.
    answers: list[tuple[float, str]] = field(default_factory=list)

    def work(self) -> None:
        self.started.wait(SECONDS)
        began = first = time.monotonic()
        while began < first + SECONDS:
            began = time.monotonic()
            code = verdict(self.key)
            self.answers.append((began, code))
            if code == self.wanted:
                return
        raise AssertionError(f"no request was answered {self.wanted} for {SECONDS} s")

    def run_beside(self, act: Callable[[], object]) -> list[str]:
        """Returns what requests were answered that began after `act` had returned, and 8 more at the end."""
        done = []

        def acting() -> None:
            verdict(self.key)
            self.started.wait(SECONDS)
            act()
            done.append(time.monotonic())

        at_once([acting, *[self.work] * WORKERS])
        last = [verdict(self.key) for _ in range(WORKERS)]
        return [code for began, code in self.answers if began >= done[0]] + last


def set_amount(world: World, budget: Budget, amount: int) -> Budget:
    return change_budget(
        actor=Actor.of_user(world.owner),
        budget=budget,
        kind=BudgetKind.HARD_STOP,
        amount=amount,
        alerts=(),
        recipients=(),
    )


def test_nothing_is_accepted_after_the_answer_to_the_event_that_spent_the_budget(
    world: World, trials: range
) -> None:
    secret, budget = pipe(world), new_budget(world, EVENT, project=world.research)
    for trial in trials:
        gateways = Gateways(world.key_secret, "budget_exceeded")
        later = gateways.run_beside(partial(spend, world, secret))
        assert set(later) == {"budget_exceeded"}
        set_amount(world, budget, (trial + 2) * EVENT)


def test_a_raised_amount_accepts_the_next_request(world: World, trials: range) -> None:
    secret, budget = pipe(world), new_budget(world, EVENT)
    for trial in trials:
        spend(world, secret)
        gateways = Gateways(world.key_secret, "valid")
        later = gateways.run_beside(partial(set_amount, world, budget, (trial + 2) * EVENT))
        assert set(later) == {"valid"}


def test_workers_exceed_a_budget_by_at_most_one_request_each(world: World, trials: range) -> None:
    secret = pipe(world)
    for _ in trials:
        key = issued(world.research, world.project_member, f"key-{next(NUMBERS)}")
        budget = new_budget(world, 2 * WORKERS * EVENT, api_key=key.key)

        def work(key: str = key.secret, name: str = key.key.public_id) -> int:
            sent = 0
            while verdict(key) == "valid":
                spend(world, secret, api_key_id=name)
                sent += 1
            return sent

        total = sum(at_once([work] * WORKERS))
        assert spent(budget) == [total * EVENT]
        assert 2 * WORKERS <= total < 3 * WORKERS


def ten_budgets(world: World) -> list[Budget]:
    """Two of each kind of subject and two more of the organization, most of them spent soon."""
    subjects = [
        {},
        {"project": world.research},
        {"project": world.production},
        {"api_key": world.key},
        {"user": world.project_member},
    ]
    return [
        new_budget(world, amount, period=period, **subject)
        for subject in subjects
        for amount, period in [(20 * EVENT, BudgetPeriod.DAY), (10**15, BudgetPeriod.TOTAL)]
    ]


def write(world: World, secret: str, keys: list[str]) -> None:
    """Posts three batches of six events, each of keys in another order, and takes one of each back."""
    for batch in range(3):
        ids = [f"written-{next(NUMBERS)}" for _ in range(6)]
        order = [*keys, *reversed(keys)][batch % 2 :]
        events = [
            event(world, id=name, api_key_id=order[position % 2])
            for position, name in enumerate(ids)
        ]
        assert {result["status"] for result in results(secret, *events)} == {"accepted"}
        void = {"id": f"v-{ids[0]}", "event_id": ids[0], "kind": "void", "reason": "Test."}
        assert corrected(secret, void)[0]["status"] == "accepted"


def change_some(world: World, budgets: list[Budget]) -> None:
    for budget in budgets[::3]:
        set_amount(world, budget, 10 * EVENT)
        set_amount(world, budget, 500 * EVENT)


def test_eight_writers_and_people_who_change_budgets_lose_nothing(
    world: World, fewer_rounds: range
) -> None:
    secret, budgets = pipe(world), ten_budgets(world)
    other = issued(world.production, world.project_member, "other").key
    keys = [world.key.public_id, other.public_id]
    for _ in fewer_rounds:
        writers = [
            partial(write, world, secret, keys if number % 2 else keys[::-1])
            for number in range(WORKERS)
        ]
        at_once(
            [
                *writers,
                partial(change_some, world, budgets),
                partial(new_budget, world, 30 * EVENT),
                partial(new_budget, world, 30 * EVENT, project=world.research),
            ]
        )
        for counted in BudgetSpend.objects.select_related("budget"):
            assert counted.spent == measure_spend(counted.budget, counted.days)
    [of_organization] = spent(budgets[1])
    assert of_organization == len(fewer_rounds) * WORKERS * 3 * 5 * EVENT
