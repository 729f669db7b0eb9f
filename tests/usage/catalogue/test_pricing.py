"""The price list shows what usage of today and of later days is billed at, to each customer their own."""

import datetime as dt
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Organization, User
from tests.keys.helpers.admin_keys import issue_admin_key
from tests.keys.helpers.personal_tokens import made
from tests.support.clock import DAY
from tests.support.pages import own_queries, queries, signed_in, words
from tests.usage.catalogue.test_customer_prices import agree
from tests.usage.catalogue.test_price_admin import item, today
from tests.usage.helpers.event_client import event, results
from tests.world import World
from usage.catalogue.price_book import PriceBook
from usage.catalogue.price_list import LaterPrice, ListedPrice, build_price_list
from usage.ids import LineItemId, OrganizationId
from usage.models import Product, UsageRecord

pytestmark = pytest.mark.django_db
API = "/v1/organization/prices"


def page(user: User) -> str:
    return words(signed_in(user).get(reverse("pricing")))


def listed(organization: Any = None) -> dict[str, ListedPrice]:
    """The prices of output tokens by model."""
    products = build_price_list(organization, today())
    return {
        price.model: price
        for product in products
        for row in product.items
        for price in row.prices
        if row.line_item == item()
    }


def test_every_product_line_item_and_model_is_there_with_its_unit(world: World) -> None:
    said = page(world.member)
    for product in Product.objects.with_line_items():
        assert product.name in said
        for line_item in product.line_items.all():
            assert line_item.name in said
    assert "Output tokens llama-3.1-8b $0.18 per million tokens No change planned" in said
    assert "Output tokens Any other $0.88 per million tokens No change planned" in said
    assert "GB-hours Any $0.000137 per GB hour" in said


def test_a_line_item_without_a_price_says_so(world: World) -> None:
    product = item().product
    product.line_items.create(code="bare", name="Bare", unit="token")
    coming = product.line_items.create(code="coming", name="Coming", unit="token")
    coming.prices.create(unit_price=5, starts_on=today() + DAY)
    said = page(world.member)
    assert "Bare Any None yet No change planned" in said
    assert f"Coming Any None yet From {today() + DAY}: $0.000005 per million tokens" in said


def test_a_customer_reads_their_own_price_and_no_other_one_does(world: World) -> None:
    agree(world.organization, 500_000)
    agree(world.organization, 400_000, "secret-model", days=5)
    theirs = "Any other $0.50 per million tokens Your price Others pay $0.88 per million tokens"
    for member in (world.owner, world.admin, world.member, world.project_member):
        said = page(member)
        assert theirs in said
        assert f"From {today() + 5 * DAY}: $0.40 per million tokens" in said
    for other in (world.stranger, world.external, world.staff):
        said = page(other)
        assert "Your price" not in said
        assert "secret-model" not in said
        assert "Output tokens Any other $0.88 per million tokens" in said


def test_what_begins_later_is_what_will_change(world: World) -> None:
    agree(world.organization, 500_000)
    agree(world.organization, 300_000, days=7)
    # Theirs goes before it, so that it changes nothing for them.
    item().prices.create(unit_price=1, starts_on=today() + 3 * DAY)
    found = listed(world.organization)
    assert found[""].later == [LaterPrice(today() + 7 * DAY, 300_000, is_own=True)]
    assert found["llama-3.1-8b"].unit_price == 500_000
    assert listed()[""].later == [LaterPrice(today() + 3 * DAY, 1, is_own=False)]


def test_it_lists_what_each_later_day_is_billed_at(world: World) -> None:
    """With own prices, in other case too, and prices that others go before."""
    agree(world.organization, 5, "LLaMA-3.1-8B", days=5)
    agree(world.organization, 9, "DEEPSEEK-R1", days=-1)
    agree(world.organization, 8, "deepseek-r1", days=2)
    agree(world.organization, 4, days=7)
    agree(world.other_organization, 1, "llama-3.1-8b", days=1)
    item().prices.create(model="Llama-3.1-8B", unit_price=6, starts_on=today() + 3 * DAY)
    for customer in (world.organization, world.other_organization, None):
        book, organization = find_book(customer)
        for model, price in listed(customer).items():
            shown = price.unit_price
            later = {row.starts_on: row.unit_price for row in price.later}
            for days in range(10):
                shown = later.get(day := today() + days * DAY, shown)
                match = book.find_price(LineItemId(item().pk), model, day, organization)
                assert (match.unit_price if match else None) == shown, (customer, model, days)


def find_book(customer: Organization | None) -> tuple[PriceBook, OrganizationId | None]:
    organization = OrganizationId(customer.pk) if customer else None
    return PriceBook.fetch([organization] if organization else []), organization


def test_a_price_agreed_on_in_other_case_is_announced(world: World) -> None:
    agree(world.organization, 5, "LLaMA-3.1-8B", days=5)
    later = LaterPrice(today() + 5 * DAY, 5, is_own=True)
    assert listed(world.organization)["llama-3.1-8b"].later == [later]


def test_a_person_without_a_selected_organization_reads_the_prices_of_their_home(
    world: World,
) -> None:
    home = world.external.home_organization
    assert home is not None
    agree(world.organization, 400_000)
    agree(home, 500_000)
    said = page(world.external)
    assert "Any other $0.50 per million tokens Your price Others pay $0.88" in said
    assert "$0.40" not in said


def test_usage_is_billed_at_what_the_list_says(world: World, secret: str) -> None:
    agree(world.organization, 500_000)
    agree(world.organization, 70, "llama-3.1-8b")
    for model, price in listed(world.organization).items():
        results(secret, event(world, id=f"of-{model}", dimensions={"model": model}))
        record = UsageRecord.objects.get(event_id=f"of-{model}")
        assert record.series.unit_price == price.unit_price


def test_more_prices_cost_no_query_more(world: World) -> None:
    client, counts = signed_in(world.member), []
    for number in range(2):
        for n in range(10 * number):
            product = Product.objects.create(code=f"more-{n}", name=f"More {n}")
            row = product.line_items.create(code="x", name="X", unit="token")
            row.prices.create(
                organization=world.organization, unit_price=n, starts_on=dt.date(2020, 1, 1)
            )
        with queries() as captured:
            client.get(reverse("pricing"))
        counts.append(len(own_queries(captured)))
    assert counts[0] == counts[1]


def test_usage_pages_and_help_lead_to_it(world: World, secret: str) -> None:
    results(secret, event(world))
    link = f'href="{reverse("pricing")}"'
    for user, url in (
        (world.project_member, reverse("usage", args=[world.research.slug])),
        (world.owner, reverse("cost_analytics", args=[world.organization.slug])),
        (world.external, reverse("help")),
    ):
        assert link in signed_in(user).get(url).content.decode()


def ask(secret: str) -> dict[tuple[str, str, str | None], dict[str, Any]]:
    answer = Client().get(API, headers={"Authorization": f"Bearer {secret}"})
    assert answer.status_code == 200, answer.content
    return {(row["product"], row["line_item"], row["model"]): row for row in answer.json()["data"]}


def test_programs_read_the_same_list(world: World) -> None:
    agree(world.organization, 500_000)
    agree(world.organization, 300_000, days=7)
    row = ask(issue_admin_key(world.owner, world.organization).secret)[
        "serverless-inference", "output_tokens", None
    ]
    later = {"starts_on": f"{today() + 7 * DAY}", "usd_per_unit": "0.0000003", "own": True}
    assert row == {
        "object": "organization.price",
        "product": "serverless-inference",
        "line_item": "output_tokens",
        "unit": "token",
        "model": None,
        "usd_per_unit": "0.0000005",
        "own": True,
        "later": [later],
    }
    assert Client().get(API).status_code == 401
    answer = Client().get(API, headers={"Authorization": f"Bearer {world.key_secret}"})
    assert answer.status_code == 403


def test_an_externals_token_reads_the_prices_for_everyone(world: World) -> None:
    agree(world.organization, 500_000)
    key = ("serverless-inference", "output_tokens", None)
    assert ask(made(world.project_member, world.research).secret)[key]["own"] is True
    theirs = ask(made(world.external, world.research).secret)[key]
    assert (theirs["usd_per_unit"], theirs["own"]) == ("0.00000088", False)
