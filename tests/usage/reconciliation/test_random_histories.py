"""Random histories of usage against a small reference model: whatever happens, the difference is 0.

The records, their CSV files, the totals, and through `reconcile` pages, summaries and the API all come to
what the model says. Each history is lived through in a transaction of its own, which is undone afterwards.
`--long` lives 2,000.
"""

import csv
import datetime as dt
import io
from collections.abc import Callable, Iterable
from decimal import ROUND_CEILING, Decimal
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.actors import Actor
from accounts.errors import Conflict
from accounts.models.principals import Principal
from projects.models import CollaborationPeriod, Project
from projects.services.collaborators import remove_collaborator
from tests.conftest import LONG
from tests.support.clock import set_clock
from tests.usage.helpers.event_client import corrected, event, pipe, results
from tests.usage.helpers.expected_totals import assert_totals_are_the_records
from tests.usage.helpers.reference_model import PRODUCTS, Entry, Model
from tests.world import World, issued
from usage.amounts import COST_DIGITS, PRICE_DIGITS, QUANTITY_DIGITS, to_decimal
from usage.enums import Dimension
from usage.models import LineItem, Price, Product, Reattribution, UsageRecord
from usage.periods import Period
from usage.reattribution.services.batches import continue_move
from usage.reattribution.services.lifecycle import begin_move, begin_undo
from usage.reports.files.records import download_records
from usage.reports.report import Report
from usage.reports.scope import UsageScope

pytestmark = pytest.mark.django_db
START = dt.datetime(2026, 11, 1, 12, tzinfo=dt.UTC)
Sums = dict[tuple[str, str, dt.date], tuple[Decimal, Decimal]]
PEOPLE = ("research key", "production key", "member", "external")
QUANTITY = st.decimals("0", "100000", places=6, allow_nan=False)
PRODUCT = st.sampled_from(sorted(PRODUCTS))
PICK = st.integers(0, 10**6)
STEP = st.one_of(
    st.tuples(st.just("use"), st.sampled_from(PEOPLE), PRODUCT, st.integers(0, 34), QUANTITY),
    st.tuples(st.just("use"), st.sampled_from(PEOPLE), PRODUCT, st.integers(0, 34), QUANTITY),
    st.tuples(st.just("again"), PICK),
    st.tuples(st.just("contradict"), PICK),
    st.tuples(st.just("void"), PICK),
    st.tuples(st.just("adjust"), PICK, QUANTITY),
    st.tuples(st.just("price"), PRODUCT, st.integers(-10, 10), st.integers(0, 10**9)),
    st.tuples(st.just("remove")),
    st.tuples(st.just("flip"), PRODUCT),
    st.tuples(st.just("flip_and_move"), PRODUCT, st.integers(0, 40), st.integers(0, 40)),
    st.tuples(st.just("move_back")),
    st.tuples(st.just("days"), st.integers(1, 20)),
)


def countable(quantity: Decimal, unit: str) -> Decimal:
    """The quantity, rounded up where there are no parts of a unit."""
    return quantity.to_integral_value(ROUND_CEILING) if unit == "token" else quantity


class History:
    """The console and the model living through the same acts."""

    def __init__(self, world: World, patch: pytest.MonkeyPatch) -> None:
        self.world, self.patch, self.model = world, patch, Model()
        self.move_clock(START)
        self.secret = pipe(world)
        self.other_key = issued(world.production, world.owner, "batch").key
        self.sent: list[dict[str, Any]] = []
        self.moves: list[tuple[Reattribution, list[Entry]]] = []
        self.number = 0

    def move_clock(self, now: dt.datetime) -> None:
        self.now = now
        set_clock(self.patch, now)

    def live(self, step: tuple[Any, ...]) -> None:
        act: Callable[..., None] = getattr(self, step[0])
        act(*step[1:])

    def who(self, name: str) -> dict[str, Any]:
        if name == "research key":
            return {"api_key_id": self.world.key.public_id}
        if name == "production key":
            return {"api_key_id": self.other_key.public_id}
        user = self.world.project_member if name == "member" else self.world.external
        project = self.world.research.public_id
        return {"api_key_id": None, "user_id": user.public_id, "project_id": project}

    def use(self, who: str, product: str, days: int, quantity: Decimal) -> None:
        time = self.now - dt.timedelta(days=days)
        self.number += 1
        line_item, unit, _ = PRODUCTS[product]
        quantity = countable(quantity, unit)
        sent = event(
            self.world,
            id=f"e{self.number}",
            time=time.isoformat(),
            product=product,
            line_item=line_item,
            unit=unit,
            quantity=str(quantity),
            dimensions=None,
            **self.who(who),
        )
        (result,) = results(self.secret, sent)
        taken = self.model.use(sent["id"], who, product, time.date(), quantity)
        assert result["status"] == ("accepted" if taken else "rejected"), result
        if taken:
            assert result["reason"] == self.model.entries[sent["id"]].reason
            self.sent.append(sent)

    def picked(self, pick: int) -> tuple[dict[str, Any], Entry] | None:
        if not self.sent:
            return None
        sent = self.sent[pick % len(self.sent)]
        return sent, self.model.entries[sent["id"]]

    def again(self, pick: int) -> None:
        if found := self.picked(pick):
            assert results(self.secret, found[0])[0]["status"] == "duplicate"

    def contradict(self, pick: int) -> None:
        if found := self.picked(pick):
            other = {**found[0], "attributes": {"other": "content"}}
            assert results(self.secret, other)[0]["status"] == "conflict"

    def void(self, pick: int) -> None:
        self.correct(pick, {"kind": "void"}, lambda entry: setattr(entry, "void", True))

    def adjust(self, pick: int, quantity: Decimal) -> None:
        if found := self.picked(pick):
            quantity = countable(quantity, found[0]["unit"])
        more = {"kind": "adjust", "quantity": str(quantity)}
        self.correct(pick, more, lambda entry: setattr(entry, "quantity", quantity))

    def correct(self, pick: int, more: dict[str, Any], change: Callable[[Entry], None]) -> None:
        if not (found := self.picked(pick)):
            return
        sent, entry = found
        self.number += 1
        correction = {"id": f"c{self.number}", "event_id": sent["id"], "reason": "Wrong.", **more}
        expected = "conflict" if entry.void else "accepted"
        assert corrected(self.secret, correction)[0]["status"] == expected
        if not entry.void:
            assert corrected(self.secret, correction)[0]["status"] == "duplicate"
            change(entry)

    def price(self, product: str, days: int, unit_price: int) -> None:
        day = (self.now + dt.timedelta(days=days)).date()
        held = self.model.prices.setdefault(product, [])
        if any(start == day for start, _ in held):
            return
        item = LineItem.objects.get(product__code=product, code=PRODUCTS[product][0])
        Price.objects.create(line_item=item, unit_price=unit_price, starts_on=day)
        held.append((day, to_decimal(unit_price, PRICE_DIGITS)))
        held.sort()

    def remove(self) -> None:
        """Takes the external off the project; what they used until then is still billed."""
        if "external" not in self.model.removed:
            actor = Actor.of_user(self.world.owner)
            remove_collaborator(actor=actor, collaborator=self.world.external_row)
            # The trigger that ends the period has the clock of the database, not that of the history.
            periods = CollaborationPeriod.objects.filter(user=self.world.external)
            periods.update(started_at=START, ended_at=self.now)
            self.model.removed["external"] = self.now.date()

    def flip(self, product: str) -> None:
        row = Product.objects.get(code=product)
        if not row.is_playground:
            row.multi_project = not row.multi_project
            row.save(update_fields=["multi_project"])
            self.model.multi[product] = row.multi_project

    def flip_and_move(self, product: str, ago: int, days: int) -> None:
        """Makes the product multi-project if it is not, and moves past usage of some days."""
        row = Product.objects.get(code=product)
        if row.is_playground:
            return
        if not row.multi_project:
            self.flip(product)
        last = (self.now - dt.timedelta(days=ago)).date()
        first = last - dt.timedelta(days=days)
        moved = self.model.move(product, first, last)
        actor = Actor.of_user(self.world.staff)
        try:
            move = begin_move(actor=actor, product=row, period=Period(first, last))
        except Conflict:
            assert not moved
            return
        assert moved
        self.moves.append((continue_move(move=move), moved))

    def move_back(self) -> None:
        if self.moves:
            move, moved = self.moves.pop()
            undone = begin_undo(actor=Actor.of_user(self.world.staff), move=move)
            assert continue_move(move=undone).state == "undone"
            self.model.move_back(moved)

    def days(self, number: int) -> None:
        self.move_clock(self.now + dt.timedelta(days=number))

    @property
    def places(self) -> dict[Project, str]:
        """The projects to which usage is billed, by their names in the model."""
        world = self.world
        home = world.external.home_organization
        assert home is not None
        return {
            world.research: "research",
            world.production: "production",
            world.default: "default",
            home.projects.default(): "external's home",
        }

    def sum_records(self) -> Sums:
        """What the console's records come to, in the model's words."""
        names = {project.pk: name for project, name in self.places.items()}
        rows = []
        for record in UsageRecord.objects.select_related("series__line_item__product"):
            series = record.series
            key = names[series.project_id], series.line_item.product.code, record.time.date()
            quantity = to_decimal(record.quantity, QUANTITY_DIGITS)
            rows.append((key, quantity, to_decimal(record.cost, COST_DIGITS)))
        return add_up(rows)

    def sum_files(self) -> Sums:
        """What the CSV files of all records come to, in the model's words."""
        names = {project.public_id: name for project, name in self.places.items()}
        rows = []
        for organization in {project.organization for project in self.places}:
            reader = Principal.of_absent(organization.memberships.owner().user)
            report = Report(
                UsageScope(organization, reader, sees_all=True),
                Period(START.date() - dt.timedelta(days=40), self.now.date()),
                group_by=Dimension.PROJECT,
            )
            file = b"".join(download_records("records.csv", report)).decode()
            for row in csv.DictReader(io.StringIO(file)):
                day = dt.date.fromisoformat(row["time (UTC)"][:10])
                key = names[row["project id"]], row["product"], day
                rows.append((key, Decimal(row["quantity"]), Decimal(row["cost (USD)"])))
        return add_up(rows)


def add_up(rows: Iterable[tuple[tuple[str, str, dt.date], Decimal, Decimal]]) -> Sums:
    """Quantity and cost by key; what comes to nothing is left out."""
    sums: Sums = {}
    for key, quantity, cost in rows:
        before = sums.get(key, (Decimal(), Decimal()))
        sums[key] = before[0] + quantity, before[1] + cost
    return {key: amounts for key, amounts in sums.items() if any(amounts)}


@settings(
    max_examples=2_000 if LONG else 30,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=st.lists(STEP, min_size=5, max_size=25))
def test_any_history_comes_to_what_the_model_says(world: World, steps: list[Any]) -> None:
    with pytest.MonkeyPatch.context() as patch, transaction.atomic():
        history = History(world, patch)
        for step in steps:
            history.live(step)
        expected = history.model.comes_to()
        assert history.sum_records() == expected
        assert history.sum_files() == expected
        assert_totals_are_the_records()
        history.days(1)  # `reconcile` compares finished days
        call_command("reconcile", stdout=io.StringIO())
        transaction.set_rollback(True)
