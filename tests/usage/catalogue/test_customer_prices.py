"""A price of one customer goes before everyone's, from its day on, and no other customer learns of it."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.enums import Action
from accounts.errors import Withheld
from accounts.models import AuditEvent, Membership, Organization
from tests.support.clock import DAY, last_second_of, set_clock
from tests.support.pages import own_queries, queries, signed_in, words
from tests.usage.catalogue.test_price_admin import adding, item, today
from tests.usage.helpers.admin_client import asked, confirmed
from tests.usage.helpers.event_client import event, of_user, results, rfc_3339
from tests.world import World
from usage.catalogue.services.prices import create_price
from usage.ledger import series_walk
from usage.models import LineItem, Price, SeriesWalk, UsageRecord

pytestmark = pytest.mark.django_db
MODEL = "llama-3.1-8b"  # which has a price of its own for everyone, 180,000


def agree(organization: Organization, unit_price: int, model: str = "", days: int = -10) -> Price:
    """A price of that customer, which began so many days ago if `days` is negative."""
    return item().prices.create(
        organization=organization,
        model=model,
        unit_price=unit_price,
        starts_on=today() + days * DAY,
    )


def paid(event_id: str) -> int:
    return UsageRecord.objects.get(event_id=event_id).series.unit_price


def use(world: World, secret: str, event_id: str, model: str, **given: Any) -> int:
    """The unit price of an event with that model."""
    sent = event(world, id=event_id, dimensions={"model": model}, **given)
    (found,) = results(secret, sent)
    assert found["status"] == "accepted", found
    return paid(event_id)


def test_the_narrowest_price_that_has_begun_holds(world: World, secret: str) -> None:
    assert use(world, secret, "1", MODEL) == 180_000
    agree(world.organization, 7)
    assert use(world, secret, "2", MODEL) == 7
    assert use(world, secret, "3", "anything-else") == 7
    agree(world.organization, 6, MODEL)
    assert use(world, secret, "4", MODEL) == 6
    assert use(world, secret, "5", "anything-else") == 7
    assert paid("1") == 180_000


def test_each_counts_only_from_its_day_on(world: World, secret: str) -> None:
    agree(world.organization, 7, days=-1)
    agree(world.organization, 6, MODEL, days=1)
    before = rfc_3339(dt.datetime.combine(today() - 2 * DAY, dt.time(12), dt.UTC))
    assert use(world, secret, "1", MODEL, time=before) == 180_000
    assert use(world, secret, "2", MODEL) == 7


def test_it_is_the_price_of_whoever_pays(world: World, secret: str) -> None:
    """An external's own token is billed to their home, the key to Northwind, in one batch."""
    home = world.external.home_organization
    assert home is not None
    volumes = LineItem.objects.get(product__code="volumes")
    for organization, unit_price in ((world.organization, 5), (home, 6)):
        volumes.prices.create(
            organization=organization, unit_price=unit_price, starts_on=today() - DAY
        )
    sold = {"product": "volumes", "line_item": "gb_hours", "unit": "gb-hour", "dimensions": None}
    by_external = {"user_id": world.external.public_id, "project_id": world.research.public_id}
    results(
        secret,
        event(world, id="key", **sold),
        of_user(world, id="external", **by_external, **sold),
    )
    assert (paid("key"), paid("external")) == (5, 6)


def test_another_customer_pays_what_everyone_pays(world: World, secret: str) -> None:
    agree(world.other_organization, 1)
    agree(world.other_organization, 1, MODEL)
    assert use(world, secret, "1", MODEL) == 180_000


def test_a_price_for_one_customer_alone_is_enough(world: World, secret: str) -> None:
    line_item = item()
    bare = line_item.product.line_items.create(code="bare", name="Bare", unit="token")
    bare.prices.create(organization=world.organization, unit_price=3, starts_on=today() - DAY)
    assert use(world, secret, "1", MODEL, line_item="bare") == 3
    other = line_item.product.line_items.create(code="other", name="Other", unit="token")
    other.prices.create(
        organization=world.other_organization, unit_price=3, starts_on=today() - DAY
    )
    (found,) = results(secret, event(world, id="2", line_item="other"))
    assert found["code"] == "no_price"


def test_more_customers_cost_no_query_more(world: World, secret: str) -> None:
    results(secret, event(world))
    counts = []
    for number in range(2):
        agree(world.organization, 7 + number, f"model-{number}")
        agree(world.other_organization, 7 + number, f"model-{number}")
        sent = [event(world, id=f"{number}-{n}") for n in range(1 + 5 * number)]
        with queries() as captured:
            results(secret, *sent)
        counts.append(len(own_queries(captured)))
    assert counts[0] == counts[1]


def test_support_adds_one_which_the_customer_finds_in_the_audit_log(world: World) -> None:
    staff = signed_in(world.staff)
    day = today() + 10 * DAY
    data = {"organization": "northwind", "model": "", "unit_price": "0.0000005", "starts_on": day}
    said = words(asked(staff, adding(item()), data))
    assert "A million (token) 0.88 USD 0.5 USD" in said
    assert "Organization – Northwind From – " in said
    assert "For Northwind, it applies to every model." in said
    said = words(asked(staff, adding(item()), {**data, "model": MODEL}))
    assert f"For Northwind, it applies only to the model {MODEL}, regardless of case." in said
    assert confirmed(staff, adding(item()), data).status_code == 302
    price = Price.objects.get(organization=world.organization)
    assert (price.unit_price, price.starts_on) == (500_000, day)
    entry = AuditEvent.objects.get(act=Action.PRICE_CREATED)
    assert (entry.organization, entry.after["organization"]) == (world.organization, "northwind")
    edit = reverse("admin:usage_price_edit", args=[price.pk])
    assert confirmed(staff, edit, {"unit_price": "0.4", "starts_on": day}).status_code == 302
    assert staff.post(reverse("admin:usage_price_take_back", args=[price.pk])).status_code == 302
    acts = AuditEvent.objects.filter(organization=world.organization, act__startswith="price.")
    assert acts.count() == 3
    # Everyone's price may start on the same day.
    everyone = {**data, "organization": ""}
    assert confirmed(staff, adding(item()), data).status_code == 302
    assert confirmed(staff, adding(item()), everyone).status_code == 302
    assert confirmed(staff, adding(item()), data).status_code == 409


def test_an_unknown_organization_is_refused_at_its_field(world: World) -> None:
    data = {"organization": "nobody", "unit_price": "1", "starts_on": today() + DAY}
    answer = asked(signed_in(world.staff), adding(item()), data)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["organization"])


def test_staff_agree_on_no_price_with_themselves(world: World) -> None:
    Membership.objects.create(user=world.staff, organization=world.organization, role="member")
    with pytest.raises(Withheld):
        create_price(
            actor=Actor.of_user(world.staff),
            line_item=item(),
            organization=world.organization,
            model="",
            unit_price=0,
            starts_on=today() + DAY,
        )


def test_the_price_for_everyone_says_that_customers_keep_theirs(world: World) -> None:
    agree(world.organization, 7)
    data = {"unit_price": "1", "starts_on": today() + DAY}
    said = words(asked(signed_in(world.staff), adding(item()), data))
    assert "It does not change the prices that 1 organization agreed on" in said


def test_no_report_shows_that_another_customer_has_a_price(world: World) -> None:
    """The name of a model is known to those who have a price of it."""
    agree(world.other_organization, 7, "secret-model")
    url = reverse("usage", args=[world.research.slug])
    unknown = signed_in(world.owner).get(url, {"model": "no-such-model"})
    foreign = signed_in(world.owner).get(url, {"model": "secret-model"})
    assert foreign.status_code == unknown.status_code
    assert words(foreign).replace("secret-model", "no-such-model") == words(unknown)


def test_an_answer_says_which_models_have_no_price_of_their_own(world: World, secret: str) -> None:
    def sent(*models: str, number: int = 0) -> list[str | None]:
        events = [
            event(world, id=f"{number}-{n}", dimensions={"model": model})
            for n, model in enumerate(models)
        ]
        return [one.get("priced_as") for one in results(secret, *events)]

    assert sent(MODEL, "unlisted", "") == [None, "default", None]
    # A duplicate is not priced.
    assert sent(MODEL, "unlisted", "") == [None, None, None]
    # The organization's price for any model goes before everyone's for this one.
    agree(world.organization, 7)
    agree(world.organization, 7, "unlisted")
    assert sent(MODEL, "unlisted", "", number=1) == ["default", None, None]


def test_a_name_in_other_case_has_the_price_of_the_model(world: World, secret: str) -> None:
    sent = event(world, dimensions={"model": "LLaMA-3.1-8B"})
    (answer,) = results(secret, sent)
    assert "priced_as" not in answer
    record = UsageRecord.objects.get()
    # What was sent is recorded as it was sent.
    assert (record.series.unit_price, record.series.model.name) == (180_000, "LLaMA-3.1-8B")
    (again,) = results(secret, event(world, dimensions={"model": MODEL}))
    assert again["status"] == "conflict"


def test_the_name_as_it_is_sent_goes_before_one_in_other_case(world: World, secret: str) -> None:
    """If they start on the same day; otherwise the one that started last holds for all of them."""
    agree(world.organization, 5, "Model")
    agree(world.organization, 6, "MODEL")
    prices = [use(world, secret, name, name) for name in ("Model", "MODEL", "model", "mOdEl")]
    assert prices == [5, 6, 6, 6]
    agree(world.other_organization, 1, "Other")
    assert use(world, secret, "other", "other") == 880_000


def test_a_price_of_the_model_holds_until_one_in_other_case_begins(
    world: World, secret: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    agree(world.organization, 5, "Model")
    agree(world.organization, 6, "MODEL", days=3)
    assert [use(world, secret, name, name) for name in ("Model", "MODEL", "model")] == [5] * 3
    set_clock(monkeypatch, last_second_of(today() + 3 * DAY))
    later = [use(world, secret, f"{name}-3", name) for name in ("Model", "MODEL", "model")]
    assert later == [6] * 3


def test_a_model_has_one_price_a_day_in_whatever_case(world: World) -> None:
    staff, day = signed_in(world.staff), today() + 10 * DAY
    data = {"model": "Model", "unit_price": "1", "starts_on": day}
    assert confirmed(staff, adding(item()), data).status_code == 302
    same_day = confirmed(staff, adding(item()), {**data, "model": "model"})
    assert (same_day.status_code, list(same_day.context["form"].errors)) == (409, ["starts_on"])
    other = item().prices.create(model="MODEL", unit_price=1, starts_on=day + DAY)
    edit = reverse("admin:usage_price_edit", args=[other.pk])
    moved = confirmed(staff, edit, {"unit_price": "1", "starts_on": day})
    assert (moved.status_code, list(moved.context["form"].errors)) == (409, ["starts_on"])


def test_the_price_of_a_day_that_has_begun_stays_in_whatever_case(world: World) -> None:
    data = {"model": MODEL.upper(), "unit_price": "1", "starts_on": today()}
    answer = asked(signed_in(world.staff), adding(item()), data)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, ["starts_on"])


def test_none_is_added_until_a_day_after_the_upgrade(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nodes of the version before take it for everyone's price."""
    data = {"organization": "northwind", "unit_price": "1", "starts_on": today() + 10 * DAY}
    everyone = {**data, "organization": ""}
    for finished_at in (None, timezone.now()):
        SeriesWalk.objects.all().delete()
        SeriesWalk.objects.create(finished_at=finished_at)
        monkeypatch.setattr(series_walk, "CACHE", {})
        answer = confirmed(signed_in(world.staff), adding(item()), data)
        assert (answer.status_code, list(answer.context["form"].errors)) == (409, ["organization"])
        assert "Try again a day after the upgrade." in words(answer)
    assert confirmed(signed_in(world.staff), adding(item()), everyone).status_code == 302
    set_clock(monkeypatch, timezone.now() + DAY)
    assert confirmed(signed_in(world.staff), adding(item()), data).status_code == 302
