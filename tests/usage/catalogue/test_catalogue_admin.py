"""Support staff keep the catalogue in Django admin: each change is seen before it is done."""

import datetime as dt
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.actors import Actor
from accounts.enums import Action
from accounts.models import AuditEvent
from tests.support.clock import DAY
from tests.support.pages import own_queries, queries, signed_in, words
from tests.usage.helpers.admin_client import allowed, asked, confirmed
from tests.usage.helpers.event_client import event, results
from tests.world import World
from usage.catalogue.services.products import change_product, create_line_item, create_product
from usage.models import LineItem, Product, UsageRecord

pytestmark = pytest.mark.django_db
NEW = {"code": "gpu-rental", "name": "GPU rental", "description": "By the hour"}
ITEM = {"code": "hours", "name": "Hours", "unit": "gpu-hour"}
CREATE = reverse("admin:usage_product_create")


def product(code: str = "volumes") -> Product:
    return Product.objects.get(code=code)


def page(row: Product | LineItem, act: str = "edit") -> str:
    return reverse(f"admin:usage_{row._meta.model_name}_{act}", args=[row.pk])


def edited(row: Product, **given: Any) -> dict[str, Any]:
    """The form of a product as it is, with that changed."""
    now = {"name": row.name, "description": row.description}
    return {**now, **({"multi_project": "on"} if row.multi_project else {}), **given}


def told(act: Action) -> AuditEvent:
    return AuditEvent.objects.get(act=act)


def test_a_flip_is_shown_before_it_is_done_and_holds_from_the_next_event_on(
    world: World, secret: str
) -> None:
    row, staff = product(), signed_in(world.staff)
    volumes = {"product": "volumes", "line_item": "gb_hours", "unit": "gb-hour", "dimensions": None}
    before = results(secret, event(world, id="before", **volumes))[0]
    review = asked(staff, page(row), edited(row, multi_project="on"))
    assert "Multi-project No Yes" in words(review)
    assert "From the next event on, usage of Volumes is billed to the project" in words(review)
    assert "Past usage stays where it is until you move it" in words(review)
    row.refresh_from_db()
    assert row.multi_project is False
    assert confirmed(staff, page(row), edited(row, multi_project="on")).status_code == 302
    after = results(secret, event(world, id="after", **volumes))[0]
    assert (before["project_id"], after["project_id"]) == (
        world.default.public_id,
        world.research.public_id,
    )
    assert UsageRecord.objects.get(event_id="before").series.project == world.default
    entry = told(Action.PRODUCT_CHANGED)
    assert (entry.organization, entry.actor) == (None, world.staff)
    assert (entry.before["multi_project"], entry.after["multi_project"]) == (False, True)


def test_the_same_form_again_changes_nothing(world: World) -> None:
    row, staff = product(), signed_in(world.staff)
    confirmed(staff, page(row), edited(row, name="Disks"))
    again = asked(staff, page(row), edited(row, name="Disks"))
    assert again.status_code == 409
    assert "No changes to save" in words(again)
    assert AuditEvent.objects.filter(act=Action.PRODUCT_CHANGED).count() == 1


def test_what_someone_changed_meanwhile_is_shown_and_not_overwritten(world: World) -> None:
    row, staff = product(), signed_in(world.staff)
    review = asked(staff, page(row), edited(row, name="Disks"))
    change_product(
        actor=Actor.of_user(world.staff),
        product=row,
        name="Drives",
        description="",
        multi_project=False,
    )
    mark = review.context["review"].mark
    answer = staff.post(page(row), {**edited(row, name="Disks"), "confirmed": mark})
    assert answer.status_code == 409
    assert "Someone else changed this in the meantime" in words(answer)
    assert "Name Drives Disks" in words(answer)
    row.refresh_from_db()
    assert row.name == "Drives"


def test_the_playground_stays_in_the_default_project(world: World) -> None:
    row, staff = product("playground"), signed_in(world.staff)
    answer = confirmed(staff, page(row), edited(row, multi_project="on"))
    assert (answer.status_code, list(answer.context["form"].errors)) == (409, ["multi_project"])


def test_a_product_with_a_line_item_and_a_price_can_be_used(world: World, secret: str) -> None:
    staff = signed_in(world.staff)
    made = confirmed(staff, CREATE, {**NEW, "multi_project": "on"})
    row = product("gpu-rental")
    assert made["Location"] == reverse("admin:usage_product_change", args=[row.pk])
    assert confirmed(staff, page(row, "line_item"), ITEM).status_code == 302
    used = event(
        world,
        product="gpu-rental",
        line_item="hours",
        unit="gpu-hour",
        quantity="2",
        dimensions=None,
    )
    assert results(secret, used)[0]["code"] == "no_price"
    price = {"unit_price": "1.000000000001", "starts_on": "2020-01-01"}
    assert confirmed(staff, page(row.line_items.get(), "price"), price).status_code == 302
    assert results(secret, used)[0]["project_id"] == world.research.public_id
    assert UsageRecord.objects.get().cost == 20_000_000_000
    assert told(Action.PRODUCT_CREATED).after["code"] == "gpu-rental"
    assert told(Action.LINE_ITEM_CREATED).after["unit"] == "gpu-hour"


@pytest.mark.parametrize("data", [NEW, {**NEW, "name": "Another"}])
def test_a_code_makes_one_product(world: World, data: dict[str, str]) -> None:
    staff = signed_in(world.staff)
    confirmed(staff, CREATE, NEW)
    again = confirmed(staff, CREATE, data)
    assert (again.status_code, list(again.context["form"].errors)) == (409, ["code"])
    assert Product.objects.filter(code="gpu-rental").count() == 1


def test_a_code_makes_one_line_item_of_a_product(world: World) -> None:
    staff = signed_in(world.staff)
    confirmed(staff, page(product(), "line_item"), ITEM)
    again = confirmed(staff, page(product(), "line_item"), ITEM)
    assert (again.status_code, list(again.context["form"].errors)) == (409, ["code"])
    assert confirmed(staff, page(product("files"), "line_item"), ITEM).status_code == 302


@pytest.mark.parametrize(
    ("address", "wrong", "field"),
    [
        *((CREATE, {**NEW, "code": code}, "code") for code in ("", "GPU", "1a", "a b", "x" * 41)),
        *((CREATE, {**NEW, "name": name}, "name") for name in ("", "x" * 101, "bi\u202edi")),
        (CREATE, {**NEW, "description": "x" * 201}, "description"),
        *(("item", {**ITEM, "code": code}, "code") for code in ("", "Hours", "é", "x" * 41)),
        *(("item", {**ITEM, "unit": unit}, "unit") for unit in ("", "GB", "x" * 21)),
        ("item", {**ITEM, "name": ""}, "name"),
    ],
)
def test_a_wrong_value_is_refused_at_its_field(
    world: World, address: str, wrong: dict[str, str], field: str
) -> None:
    path = page(product(), "line_item") if address == "item" else address
    answer = asked(signed_in(world.staff), path, wrong)
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert answer.context["review"] is None


def test_one_line_item_of_a_product_counts_its_requests(world: World) -> None:
    staff = signed_in(world.staff)
    given, taken = (
        LineItem.objects.get(product__code="serverless-inference", code=code)
        for code in ("input_tokens", "output_tokens")
    )
    answer = confirmed(staff, page(given), {"name": given.name, "counts_requests": "on"})
    assert (answer.status_code, list(answer.context["form"].errors)) == (409, ["counts_requests"])
    review = asked(staff, page(taken), {"name": taken.name})
    assert "From now on records don't count as requests" in words(review)
    confirmed(staff, page(taken), {"name": taken.name})
    done = confirmed(staff, page(given), {"name": given.name, "counts_requests": "on"})
    assert done.status_code == 302
    assert AuditEvent.objects.filter(act=Action.LINE_ITEM_CHANGED).count() == 2


def test_each_act_takes_its_own_permission(world: World) -> None:
    viewer = signed_in(allowed("view_product", "view_lineitem", "view_price"))
    row = product()
    shown = viewer.get(reverse("admin:usage_product_change", args=[row.pk]))
    assert shown.status_code == 200
    assert page(row) not in shown.content.decode()
    for path in (CREATE, page(row), page(row, "line_item"), page(row.line_items.get(), "price")):
        assert viewer.get(path).status_code == 403
        assert viewer.post(path, NEW).status_code == 403
    own = signed_in(world.staff).get(reverse("admin:usage_product_change", args=[row.pk]))
    assert page(row) in own.content.decode()


def test_the_services_ask_for_the_right_again(world: World) -> None:
    new: Any = {**NEW, "multi_project": False}
    item: Any = {**ITEM, "counts_requests": False}
    for person in (world.owner, world.stranger):
        with pytest.raises(PermissionDenied):
            create_product(actor=Actor.of_user(person), **new)
        with pytest.raises(PermissionDenied):
            create_line_item(actor=Actor.of_user(person), product=product(), **item)


def test_a_product_leads_to_its_line_items_and_these_to_their_prices(world: World) -> None:
    staff, row = signed_in(world.staff), product()
    (item,) = row.line_items.all()
    to_item = reverse("admin:usage_lineitem_change", args=[item.pk])
    to_price = reverse("admin:usage_price_change", args=[item.prices.get().pk])
    shown = staff.get(reverse("admin:usage_product_change", args=[row.pk])).content.decode()
    assert f'<a href="{to_item}">GB-hours</a>' in shown
    assert f'<a href="{to_price}">Any</a>' in staff.get(to_item).content.decode()


@pytest.mark.parametrize("kind", ["product", "lineitem", "price"])
def test_more_rows_cost_no_more_queries(world: World, kind: str) -> None:
    staff, address = signed_in(world.staff), reverse(f"admin:usage_{kind}_changelist")
    staff.get(address)
    with queries() as few:
        staff.get(address)
    day = dt.date(2030, 1, 1)
    for number in range(29):
        more = Product.objects.create(code=f"more-{number}", name=f"More {number}")
        item = more.line_items.create(code="hours", name="Hours", unit="hour")
        item.prices.create(unit_price=number, starts_on=day + number * DAY)
    with queries() as many:
        staff.get(address)
    assert len(own_queries(many)) == len(own_queries(few))


def test_turning_on_multi_project_leads_to_the_past_usage_that_can_be_moved(
    world: World, secret: str
) -> None:
    row, staff = product(), signed_in(world.staff)
    volumes = {"product": "volumes", "line_item": "gb_hours", "unit": "gb-hour", "dimensions": None}
    results(secret, event(world, id="before", **volumes))
    assert "Turn on multi-project" in words(staff.get(page(row, "change")))
    assert "Past usage stays where it is" in words(staff.get(page(row, "multi_project")))
    row.refresh_from_db()
    assert row.multi_project is False
    preview = staff.post(page(row, "multi_project"))["Location"]
    assert product().multi_project
    assert told(Action.PRODUCT_CHANGED).values_after["multi_project"] is True
    assert preview.startswith(reverse("admin:usage_reattribution_move"))
    shown = staff.get(preview)
    assert shown.context["total_records"] == "1"
    edit = staff.get(page(row, "change"))
    assert (preview, "Move past usage") in edit.context["acts"]
    assert "Turn on multi-project" not in words(edit)


def test_without_past_usage_or_the_right_to_move_it_the_product_is_shown(
    world: World, secret: str
) -> None:
    files, volumes = product("files"), product()
    there = signed_in(world.staff).post(page(files, "multi_project"))["Location"]
    assert there == page(files, "change")
    volume = {"product": "volumes", "line_item": "gb_hours", "unit": "gb-hour", "dimensions": None}
    results(secret, event(world, id="before", **volume))
    catalogue = signed_in(allowed("view_product", "change_product"))
    assert catalogue.post(page(volumes, "multi_project"))["Location"] == page(volumes, "change")
    assert "Move past usage" not in words(catalogue.get(page(volumes, "change")))


def test_multi_project_of_the_playground_cannot_be_turned_on(world: World) -> None:
    playground = Product.objects.get(is_playground=True)
    staff = signed_in(world.staff)
    assert "Turn on multi-project" not in words(staff.get(page(playground, "change")))
    assert staff.post(page(playground, "multi_project")).status_code == 409
    playground.refresh_from_db()
    assert playground.multi_project is False
