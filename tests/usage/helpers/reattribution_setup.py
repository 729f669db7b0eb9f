"""Usage that is to be moved: of Volumes, before and after they became multi-project."""

import datetime as dt
from typing import Any

from django.utils import timezone

from accounts.actors import Actor
from projects.models import Project
from tests.support.clock import DAY
from tests.usage.helpers.event_client import event, of_user
from tests.usage.helpers.expected_totals import assert_totals_are_the_records, sum_by_column
from tests.world import World
from usage.amounts import Amounts
from usage.catalogue.services.products import change_product
from usage.ingest.events import Event
from usage.ingest.services.recording import record_usage
from usage.ledger.sources import get_source
from usage.models import DailyTotal, Product, Reattribution
from usage.periods import Period
from usage.reattribution.services.batches import continue_move
from usage.reattribution.services.lifecycle import begin_move, begin_undo

VOLUMES: dict[str, Any] = {
    "product": "volumes",
    "line_item": "gb_hours",
    "unit": "gb-hour",
    "dimensions": None,
}


def volumes() -> Product:
    return Product.objects.get(code="volumes")


def of_key(world: World, **given: Any) -> dict[str, Any]:
    """1,000 gb-hours of a key of `research`: 0.137 USD."""
    return event(world, **{**VOLUMES, **given})


def of_external(world: World, **given: Any) -> dict[str, Any]:
    """The same of the external collaborator's token for `research`."""
    who = {"user_id": world.external.public_id, "project_id": world.research.public_id}
    return of_user(world, **{**VOLUMES, **who, **given})


def flip(world: World, *, on: bool = True) -> None:
    change_product(
        actor=Actor.of_user(world.staff),
        product=volumes(),
        name="Volumes",
        description="",
        multi_project=on,
    )


def flip_quietly(*, on: bool) -> None:
    """As if a batch of events had read the catalogue before or after the product was flipped."""
    Product.objects.filter(code="volumes").update(multi_project=on)


def recent() -> Period:
    today = timezone.now().astimezone(dt.UTC).date()
    return Period(today - 40 * DAY, today)


def begun(world: World, period: Period | None = None) -> Reattribution:
    return begin_move(
        actor=Actor.of_user(world.staff), product=volumes(), period=period or recent()
    )


def moved(world: World, period: Period | None = None) -> Reattribution:
    return continue_move(move=begun(world, period))


def undone(world: World, move: Reattribution) -> Reattribution:
    return continue_move(move=begin_undo(actor=Actor.of_user(world.staff), move=move))


def many(world: World, number: int, prefix: str = "many", last: dt.datetime | None = None) -> None:
    """That many events of one key, each 1 gb-hour, a second apart; the `last` now if not said."""
    now = last or timezone.now()
    events = [
        Event(
            id=f"{prefix}-{n}",
            time=now - dt.timedelta(seconds=n),
            product="volumes",
            line_item="gb_hours",
            quantity="1",
            unit="gb-hour",
            api_key_id=world.key.public_id,
        )
        for n in range(number)
    ]
    results = record_usage(source=get_source("test"), events=events, any_age=True)
    assert {one.outcome for one in results} == {"accepted"}


def billed(*projects: Project) -> list[int]:
    """What each project's usage of Volumes costs now, in 10⁻¹⁰ USD; checks that the totals are right."""
    assert_totals_are_the_records()
    totals = DailyTotal.objects.filter(line_item__product=volumes())
    sums = sum_by_column(totals, "project_id")
    return [sums.get(project.pk, Amounts()).cost for project in projects]
