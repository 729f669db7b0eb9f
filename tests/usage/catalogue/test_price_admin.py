"""Support staff set prices from a day on; what has begun stays as records were counted."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.enums import Action
from accounts.models import AuditEvent
from tests.support.clock import DAY, last_second_of, set_clock
from tests.support.pages import signed_in, words
from tests.usage.helpers.admin_client import asked, confirmed
from tests.usage.helpers.event_client import event, results, rfc_3339
from tests.world import World
from usage.models import LineItem, Price, UsageRecord

pytestmark = pytest.mark.django_db


def item(code: str = "output_tokens") -> LineItem:
    return LineItem.objects.get(product__code="serverless-inference", code=code)


def adding(line_item: LineItem) -> str:
    return reverse("admin:usage_lineitem_price", args=[line_item.pk])


def page(price: Price, act: str = "edit") -> str:
    return reverse(f"admin:usage_price_{act}", args=[price.pk])


def today() -> dt.date:
    return timezone.now().astimezone(dt.UTC).date()


def price(days: int = 10, unit_price: str = "0.00000123", model: str = "") -> dict[str, Any]:
    return {"unit_price": unit_price, "starts_on": today() + days * DAY, "model": model}


def future(days: int = 10) -> Price:
    return item().prices.create(unit_price=5, starts_on=today() + days * DAY)


def test_a_price_is_shown_by_unit_and_million_and_holds_from_its_day_on(
    world: World, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff, data = signed_in(world.staff), price(10)
    day = data["starts_on"]
    said = words(asked(staff, adding(item()), data))
    assert "One token 0.00000088 USD 0.00000123 USD" in said
    assert "A million (token) 0.88 USD 1.23 USD" in said
    assert f"It applies from {day}, 00:00 UTC." in said
    assert "except those with their own price: deepseek-r1, llama-3.1-8b." in said
    assert not Price.objects.filter(starts_on=day).exists()
    assert confirmed(staff, adding(item()), data).status_code == 302
    set_clock(monkeypatch, last_second_of(day - DAY))
    results(secret, event(world, id="before"))
    set_clock(monkeypatch, last_second_of(day))
    late = rfc_3339(last_second_of(day - DAY))
    results(secret, event(world, id="after"), event(world, id="late", time=late))
    prices = dict(UsageRecord.objects.values_list("event_id", "series__unit_price"))
    assert prices == {"before": 880_000, "after": 1_230_000, "late": 880_000}
    entry = AuditEvent.objects.get(act=Action.PRICE_CREATED)
    assert (entry.organization, entry.after["usd_per_unit"]) == (None, "0.00000123")
    assert entry.after["starts_on"] == str(day)


def test_the_same_form_sent_twice_leads_to_where_the_first_did(world: World) -> None:
    staff, before = signed_in(world.staff), Price.objects.count()
    token = staff.get(adding(item())).context["form"]["form_token"].value()
    data = {**price(), "form_token": token}
    first, again = (confirmed(staff, adding(item()), data) for _ in range(2))
    assert first.status_code == again.status_code == 302
    assert again["Location"] == first["Location"]
    assert Price.objects.count() == before + 1


def test_sent_twice_it_creates_once(world: World) -> None:
    staff, before = signed_in(world.staff), Price.objects.count()
    assert confirmed(staff, adding(item()), price()).status_code == 302
    again = confirmed(staff, adding(item()), price())
    assert (again.status_code, list(again.context["form"].errors)) == (409, ["starts_on"])
    assert Price.objects.count() == before + 1


@pytest.mark.parametrize("days", [0, -1, -1000])
def test_the_price_of_a_day_that_has_begun_stays(world: World, days: int) -> None:
    answer = asked(signed_in(world.staff), adding(item()), price(days))
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["starts_on"])
    assert f"Choose {today() + DAY} or later" in words(answer)


def test_a_model_without_a_price_may_get_one_from_a_past_day_on(world: World) -> None:
    data = price(-100, model="new-model")
    said = words(asked(signed_in(world.staff), adding(item()), data))
    assert "It starts in the past" in said
    assert "It applies only to the model new-model, regardless of case." in said
    assert confirmed(signed_in(world.staff), adding(item()), data).status_code == 302
    again = asked(signed_in(world.staff), adding(item()), price(-50, model="new-model"))
    assert again.status_code == 422


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *(("unit_price", text) for text in ("", "-1", "1e-6", "0,5", "NaN", "1.0000000000001")),
        *(("unit_price", text) for text in ("9223372.036854775808", ".5", "1" * 41, "free")),
        *(("starts_on", text) for text in ("", "soon", "2026-02-30", "0")),
        *(("model", text) for text in ("with blank", "é", "x" * 101)),
    ],
)
def test_a_wrong_value_is_refused_at_its_field(world: World, field: str, value: str) -> None:
    answer = asked(signed_in(world.staff), adding(item()), {**price(), field: value})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])


def test_a_price_that_has_not_begun_is_changed_and_taken_back(world: World) -> None:
    staff, row = signed_in(world.staff), future(20)
    data = {"unit_price": "0.5", "starts_on": today() + 30 * DAY}
    review = words(asked(staff, page(row), data))
    assert f"From {row.starts_on} {data['starts_on']}" in review
    assert confirmed(staff, page(row), data).status_code == 302
    row.refresh_from_db()
    assert (row.unit_price, row.starts_on) == (500_000_000_000, data["starts_on"])
    shown = words(staff.get(page(row, "take_back")))
    assert "0.5 USD → 0.00000088 USD" in shown
    assert staff.post(page(row, "take_back")).status_code == 302
    assert not Price.objects.filter(pk=row.pk).exists()
    acts = AuditEvent.objects.filter(act__startswith="price.").order_by("pk")
    assert list(acts.values_list("act", flat=True)) == [Action.PRICE_CHANGED, Action.PRICE_DELETED]
    assert staff.post(page(row, "take_back")).status_code == 404


def test_a_price_that_has_begun_is_neither(world: World) -> None:
    staff, row = signed_in(world.staff), item().prices.all()[:1].get()
    shown = staff.get(reverse("admin:usage_price_change", args=[row.pk])).content.decode()
    assert page(row) not in shown
    assert page(row, "take_back") not in shown
    changed = confirmed(staff, page(row), {"unit_price": "1", "starts_on": today() + 5 * DAY})
    for answer in (changed, staff.post(page(row, "take_back"))):
        assert answer.status_code == 409
        assert "Add a price that starts later instead" in words(answer)
    assert Price.objects.get(pk=row.pk).unit_price == row.unit_price


def test_in_the_last_minutes_of_a_day_the_next_has_begun(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Events may be five minutes early: some may have been counted at tomorrow's price already."""
    row = future(1)
    set_clock(monkeypatch, last_second_of(today()))
    answer = signed_in(world.staff).post(page(row, "take_back"))
    assert answer.status_code == 409


def test_two_prices_do_not_begin_on_one_day(world: World) -> None:
    staff, first, second = signed_in(world.staff), future(10), future(20)
    answer = confirmed(staff, page(second), {"unit_price": "1", "starts_on": first.starts_on})
    assert (answer.status_code, list(answer.context["form"].errors)) == (409, ["starts_on"])
