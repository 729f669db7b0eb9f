"""A new console sells nothing: its operator chooses from presets or a file, and since when it costs."""

import datetime as dt
import json
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEvent
from tests.database.refusals import all_rows
from tests.support.pages import signed_in, words
from tests.support.triggers import triggers_aside
from tests.usage.helpers.event_client import event, results
from tests.usage.helpers.import_files import imported, written
from tests.world import World
from usage.catalogue.new_products import check_product
from usage.catalogue.presets import PRESETS
from usage.models import LineItem, Price, Product

pytestmark = pytest.mark.django_db
ITEM: dict[str, Any] = {"code": "gb_days", "name": "GB-days", "unit": "gb-day", "price": "0.001"}
READS: dict[str, Any] = {
    "code": "reads",
    "name": "Reads",
    "unit": "request",
    "prices": {"fast": "1"},
}
STORAGE: dict[str, Any] = {"code": "storage", "name": "Storage", "line_items": [ITEM, READS]}


@pytest.fixture
def empty(world: World) -> World:
    """The catalogue as `migrate` leaves it."""
    with triggers_aside("DELETE"):
        for rows in (Price, LineItem, Product):
            rows.objects.all().delete()
    return world


def run(*arguments: str) -> str:
    out = StringIO()
    call_command("import_catalogue", *arguments, stdout=out)
    return out.getvalue()


def test_without_a_catalogue_nothing_is_billed_and_every_page_opens(
    empty: World, secret: str, tmp_path: Path
) -> None:
    (result,) = results(secret, event(empty))
    assert (result["status"], result["code"], result["param"]) == (
        "rejected",
        "not_found",
        "product",
    )
    pages = [
        reverse("usage", args=[empty.research.slug]),
        reverse("cost_analytics", args=[empty.organization.slug]),
        *(reverse("early_access"), reverse("project", args=[empty.research.slug])),
    ]
    for path in pages:
        assert signed_in(empty.owner).get(path).status_code == 200, path
    done = imported(empty, written(tmp_path, ["2026-01-01,1,1"]))
    assert (done.status, "there is no product serverless-inference" in done.error) == (2, True)


def test_without_arguments_it_lists_the_presets(empty: World) -> None:
    text = run()
    assert "--preset inference-platform" in text
    assert "--preset metered-api" in text
    assert not Product.objects.exists()


def test_a_preset_is_added_from_today_and_only_once(empty: World, secret: str) -> None:
    before = all_rows()
    assert "9 products would be added." in run("--preset=inference-platform", "--dry-run")
    assert all_rows() == before
    text = run("--preset=inference-platform")
    today = timezone.now().astimezone(dt.UTC).date()
    assert f"any model: 0.00000088 USD from {today}" in text
    assert "9 products added." in text
    assert set(Price.objects.values_list("starts_on", flat=True)) == {today}
    events = AuditEvent.objects.filter(actor_label="bin/manage import_catalogue")
    assert events.filter(act="product.created").count() == 9
    (result,) = results(secret, event(empty))
    assert result["status"] == "accepted"
    rows = all_rows()
    again = run("--preset=inference-platform", "--starts-on=2020-01-01")
    assert "volumes: already in the catalogue, unchanged" in again
    assert "0 products added." in again
    assert all_rows() == rows


def test_one_product_without_prices(empty: World, secret: str) -> None:
    run("--preset=inference-platform", "--product=serverless-inference", "--without-prices")
    assert [row.code for row in Product.objects.all()] == ["serverless-inference"]
    assert not Price.objects.exists()
    (result,) = results(secret, event(empty))
    assert (result["status"], result["code"]) == ("rejected", "no_price")


def test_a_file_of_their_own(empty: World, tmp_path: Path) -> None:
    path = tmp_path / "catalogue.json"
    path.write_text(json.dumps({"products": [STORAGE]}))
    assert "1 products added." in run(str(path), "--starts-on=2026-01-01")
    prices = Price.objects.order_by("unit_price").values_list(
        "line_item__code", "model", "unit_price"
    )
    assert list(prices) == [("gb_days", "", 10**9), ("reads", "fast", 10**12)]


def changed(**changes: Any) -> bytes:
    return json.dumps({"products": [{**STORAGE, **changes}]}).encode()


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{",
        b"[]",
        b'{"products": []}',
        b'{"products": [], "products": []}',
        changed(code="Storage"),
        changed(code="x" * 41),
        changed(name=""),
        changed(name="evil\u202e"),
        changed(price="1"),
        changed(line_items=[]),
        changed(line_items=[ITEM, ITEM]),
        changed(line_items=[{**ITEM, "price": "-1"}]),
        changed(line_items=[{**ITEM, "price": 1}]),
        changed(line_items=[{**ITEM, "price": "0.0000000000001"}]),
        changed(line_items=[{**ITEM, "unit": "GB"}]),
        changed(line_items=[{**ITEM, "prices": {"with blank": "1"}}]),
        changed(line_items=[{**ITEM, "price": "99999999"}]),
        changed(playground=True, multi_project=True),
    ],
)
def test_a_file_that_is_no_catalogue_adds_nothing(
    empty: World, tmp_path: Path, content: bytes
) -> None:
    path = tmp_path / "catalogue.json"
    path.write_bytes(content)
    with pytest.raises(CommandError, match=r"catalogue\.json: "):
        run(str(path))
    assert not Product.objects.exists()


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("nowhere.json",), "No such file"),
        (("nowhere.json", "--preset=metered-api"), "not both"),
        (("--preset=metered-api", "--product=volumes"), "there is no volumes in it"),
        (("--preset=metered-api", "--starts-on=soon"), "write a day as"),
    ],
)
def test_wrong_arguments_are_named(world: World, arguments: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        run(*arguments)


def test_presets_keep_the_rules_of_the_catalogue() -> None:
    for products in PRESETS.values():
        for product in products:
            check_product(product)


def test_support_staff_add_a_product_once_they_have_seen_its_prices(empty: World) -> None:
    client, path = signed_in(empty.staff), reverse("admin:usage_product_preset")
    data = {"product": "code-interpreter", "starts_on": "2026-01-01"}
    review = client.post(path, data)
    text = words(review)
    assert "0.03 USD" in text
    assert "billed at these prices from 2026-01-01" in text
    assert not Product.objects.exists()
    mark = review.context["review"].mark
    assert client.post(path, {**data, "confirmed": mark}).status_code == 302
    assert Price.objects.get().line_item.product.code == "code-interpreter"
    assert "code-interpreter" not in client.get(path).content.decode()
