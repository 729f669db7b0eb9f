"""Support sees which models took the price for any model, what they cost, and what can be done about it."""

import datetime as dt
from decimal import Decimal

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from tests.support.clock import DAY
from tests.support.pages import own_queries, queries, signed_in, words
from tests.usage.catalogue.test_price_admin import item
from tests.usage.helpers.admin_client import allowed
from tests.usage.helpers.factories import used
from tests.world import World
from usage.amounts import COST_DIGITS, to_decimal
from usage.catalogue.services.aliases import create_alias
from usage.catalogue.unpriced import list_unpriced_models

pytestmark = pytest.mark.django_db
PAGE = "/admin/usage/modelalias/unpriced/"


def today() -> dt.date:
    return timezone.now().astimezone(dt.UTC).date()


def costs() -> dict[str, Decimal]:
    return {
        model.name: to_decimal(model.cost, COST_DIGITS) for model in list_unpriced_models(today())
    }


def test_models_without_a_price_stand_on_it_with_their_cost(world: World) -> None:
    used(world.key, today(), model="nova")
    used(world.key, today() - 29 * DAY, model="nova")
    used(world.key, today() - 30 * DAY, model="nova")
    used(world.other_key, today(), model="Nova", quantity=5_000_000)
    used(world.key, today(), model="LLaMA-3.1-8B")
    used(world.key, today(), product="volumes", item="gb_hours", model="", quantity=9)
    text = words(signed_in(world.staff).get(PAGE))
    assert "Nova nova 1 $4.40 Add price Add alias nova – 1 $1.76" in text
    assert "LLaMA" not in text
    page = signed_in(world.staff).get(PAGE).content.decode()
    assert f"{reverse('admin:usage_price_create')}?model=nova" in page
    assert f"{reverse('admin:usage_modelalias_create')}?pattern=Nova" in page


def test_an_alias_and_a_price_take_models_from_it(world: World) -> None:
    for name in ("gateway/llama-3.1-8b", "own", "every"):
        used(world.key, today(), model=name)
        used(world.other_key, today(), model=name)
    assert costs() == dict.fromkeys(("gateway/llama-3.1-8b", "own", "every"), Decimal("1.76"))
    create_alias(actor=Actor.of_user(world.staff), pattern="gateway/*", target="")
    starts = {"unit_price": 1, "starts_on": today() + DAY}
    item().prices.create(model="OWN", organization=world.organization, **starts)
    item().prices.create(model="every", **starts)
    # The other customer has no price of its own.
    assert costs() == {"own": Decimal("0.88")}


def test_more_models_cost_no_query_more(world: World) -> None:
    staff, counts = signed_in(world.staff), []
    for number in range(2):
        for each in range(1 + 29 * number):
            used(world.key, today(), model=f"model-{each}")
        staff.get(PAGE)
        with queries() as captured:
            staff.get(PAGE)
        counts.append(len(own_queries(captured)))
    assert counts[0] == counts[1]


@pytest.mark.parametrize(("permission", "status"), [("view_price", 403), ("view_modelalias", 200)])
def test_only_staff_who_may_see_aliases_see_it(world: World, permission: str, status: int) -> None:
    answer = signed_in(allowed(permission)).get(PAGE)
    assert answer.status_code == status
    assert ("All models that were used have a price." in words(answer)) is (status == 200)
