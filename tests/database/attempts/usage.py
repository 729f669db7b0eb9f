"""One write for each constraint of usage that goes past the code; part of every_constraint.py."""

import datetime as dt
from collections.abc import Callable
from typing import Any

from django.db import models, transaction
from django.utils import timezone

from tests.database.attempts.api_keys import credential
from tests.database.writes import changed, copied
from tests.support.clock import DAY
from tests.world import World
from usage.amounts import LARGEST
from usage.ids import ProjectId, RecordId, SourceId
from usage.ingest.events import Event
from usage.ingest.services.recording import record_usage
from usage.ledger.lineage import lock_families
from usage.ledger.sources import get_source
from usage.ledger.writer import write_records
from usage.models import (
    DailyTotal,
    HourlyTotal,
    LineItem,
    ModelAlias,
    Price,
    Product,
    Reattribution,
    SavedView,
    Series,
    UsageRecord,
    UsageSource,
)


def used(world: World) -> UsageRecord:
    """1,000 output tokens of the world's key; stored once however often it is asked for."""
    event = Event(
        id="req-1:output",
        time=timezone.now(),
        product="serverless-inference",
        line_item="output_tokens",
        quantity="1000",
        unit="token",
        api_key_id=world.key.public_id,
    )
    source = get_source("test")
    if not UsageRecord.objects.filter(source=source).exists():
        record_usage(source=source, events=[event])
    return UsageRecord.objects.get(source=source, event_id=event.id)


@transaction.atomic
def moved_usage(world: World) -> Reattribution:
    """Usage, moved from one project to another, and what moved it."""
    record = used(world)
    moved = move(world)
    root = RecordId(record.pk)
    family = lock_families([root])[root]
    place = family.location._replace(project=ProjectId(world.production.pk))
    drafts = family.move(f"{moved.public_id}:{record.pk}", place, family.reason)
    write_records(SourceId(get_source("moves").pk), drafts, timezone.now())
    return moved


def move(world: World) -> Reattribution:
    found = Reattribution.objects.filter(state="applying").first()
    start = timezone.now() - 30 * DAY
    return found or Reattribution.objects.create(
        product=Product.objects.get(code="volumes"),
        starts_at=start,
        ends_at=start + DAY,
        made_by=world.staff,
    )


def new_record(world: World, **values: Any) -> list[models.Model]:
    return copied(used(world), **{"event_id": "req-2:output", **values})


def new_series(world: World, **values: Any) -> Series:
    """A second series that differs at least in its price."""
    (series,) = copied(used(world).series, **{"unit_price": 1, **values})
    assert isinstance(series, Series)
    return series


def product(world: World) -> Product:
    return item(world).product


def item(world: World) -> LineItem:
    return used(world).series.line_item


def price(world: World) -> Price:
    return item(world).prices.all()[:1].get()


def coming_price(world: World, **values: Any) -> Price:
    """A price that has not begun, of any line item."""
    return item(world).prices.create(unit_price=5, starts_on=dt.date(2100, 1, 1), **values)


def alias(world: World) -> ModelAlias:
    found, _ = ModelAlias.objects.get_or_create(pattern="gateway/*")
    return found


def total(table: type[DailyTotal] | type[HourlyTotal], world: World) -> Any:
    return table.objects.filter(organization=used(world).series.organization)


def source_of(world: World) -> UsageSource:
    found, _ = UsageSource.objects.get_or_create(name="pipe", credential=credential(world))
    return found


def saved_view(world: World) -> SavedView:
    view, _ = SavedView.objects.get_or_create(
        user=world.owner,
        organization=world.organization,
        number=1,
        defaults={"name": "By model", "created_at": timezone.now()},
    )
    return view


USAGE_ATTEMPTS: dict[str, tuple[str, Callable[[World], object]]] = {
    "product_playground_in_default": (
        "product_playground_in_default",
        lambda w: changed(Product.objects.get(is_playground=True), multi_project=True),
    ),
    "lineitem_code_once": (
        "usage_lineitem.product_id, usage_lineitem.code",
        lambda w: copied(item(w), counts_requests=False),
    ),
    "lineitem_one_counts_requests": (
        "usage_lineitem.product_id",
        lambda w: copied(item(w), code="other_tokens"),
    ),
    "savedview_name_once": (
        "usage_savedview.user_id, usage_savedview.organization_id, usage_savedview.name",
        lambda w: copied(saved_view(w), number=2),
    ),
    "savedview_number_once": (
        "usage_savedview.user_id, usage_savedview.organization_id, usage_savedview.number",
        lambda w: copied(saved_view(w), name="Another"),
    ),
    "savedview_at_most_twenty": (
        "savedview_at_most_twenty",
        lambda w: copied(saved_view(w), name="Another", number=21),
    ),
    "price_once_a_day": (
        "usage_price.line_item_id, usage_price.model, usage_price.starts_on",
        lambda w: copied(price(w)),
    ),
    "price_once_a_day_for_organization": (
        "usage_price.line_item_id, usage_price.organization_id",
        lambda w: copied(coming_price(w, organization=w.organization)),
    ),
    "modelalias_pattern_once": (
        "modelalias_pattern_once",
        lambda w: copied(alias(w), pattern="GATEWAY/*"),
    ),
    "modelalias_name_has_target": (
        "modelalias_name_has_target",
        lambda w: copied(alias(w), pattern="gateway/model"),
    ),
    "price_not_negative": (
        "price_not_negative",
        lambda w: changed(coming_price(w), unit_price=-1),
    ),
    "usagerecord_event_once": (
        "usage_usagerecord.event_id, usage_usagerecord.source_id",
        lambda w: copied(used(w)),
    ),
    "series_once": (
        "series_once",
        lambda w: copied(used(w).series),
    ),
    "series_reason_known": (
        "series_reason_known",
        lambda w: new_series(w, reason=7),
    ),
    "series_kind_known": (
        "series_kind_known",
        lambda w: new_series(w, kind=6),
    ),
    "series_amounts_sane": (
        "series_amounts_sane",
        lambda w: new_series(w, requests=2),
    ),
    **{
        f"{name}_within_64_bits": (
            f"{name}_within_64_bits",
            lambda w, table=table: total(table, w).update(cost=-LARGEST - 1),
        )
        for name, table in [("dailytotal", DailyTotal), ("hourlytotal", HourlyTotal)]
    },
    "reattribution_state_known": (
        "reattribution_state_known",
        lambda w: changed(move(w), state="lost"),
    ),
    "reattribution_ends_after_start": (
        "reattribution_ends_after_start",
        lambda w: changed(move(w), ends_at=move(w).starts_at),
    ),
    "reattribution_one_running": (
        "usage_reattribution.product_id",
        lambda w: copied(move(w)),
    ),
}
