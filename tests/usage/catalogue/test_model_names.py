"""Names that differ in case, or that an alias covers, are one model; what was sent is recorded."""

from collections.abc import Iterable

import pytest
from django.db import connection

from accounts.actors import Actor
from accounts.enums import Action
from accounts.errors import Conflict
from accounts.models import AuditEvent
from tests.support.clock import DAY
from tests.support.pages import own_queries, queries
from tests.usage.catalogue.test_customer_prices import agree
from tests.usage.catalogue.test_price_admin import item, today
from tests.usage.helpers.event_client import event, results
from tests.world import World
from usage.catalogue.price_list import build_price_list
from usage.catalogue.services.aliases import change_alias, create_alias, delete_alias
from usage.catalogue.services.model_names import update_canonical_models
from usage.catalogue.services.prices import create_price, delete_price
from usage.ingest.rating import ensure_models
from usage.model_names import AliasRules, CanonicalNames
from usage.models import ModelAlias, ModelName, Price, UsageRecord

pytestmark = pytest.mark.django_db
PRICED, PRICE, DEFAULT = "llama-3.1-8b", 180_000, 880_000


def staff(world: World) -> Actor:
    return Actor.of_user(world.staff)


def add(world: World, pattern: str, target: str = "") -> ModelAlias:
    return create_alias(actor=staff(world), pattern=pattern, target=target)


def canonical(*names: str) -> dict[str, str]:
    """The canonical name of each as its row has it."""
    rows = ModelName.objects.filter(name__in=names).select_related("canonical")
    return {row.name: (row.canonical or row).name for row in rows}


def sent(names: Iterable[str]) -> None:
    for name in names:
        ensure_models({name})


def use(world: World, secret: str, model: str) -> int:
    """The unit price of an event with that model."""
    number = UsageRecord.objects.count()
    (answer,) = results(secret, event(world, id=f"{number}", dimensions={"model": model}))
    assert answer["status"] == "accepted", answer
    return UsageRecord.objects.get(event_id=f"{number}").series.unit_price


@pytest.mark.parametrize(
    ("name", "end"),
    [
        ("gpt-4o", "gpt-4o"),
        ("together_ai/llama", "llama"),
        ("Together_AI/Llama", "Llama"),
        ("together_ai/", "together_ai/"),  # the * stands for something
        ("llama-instruct", "llama"),
        ("together_ai/llama-instruct", "llama"),  # one after the other
        ("together_ai/special/x", "chosen"),  # the longest first
        ("TOGETHER_AI/exact", "other"),  # a name before a pattern
        ("gpt-4o-mini", "gpt-4o-mini"),
        ("gpt-4o-2024", "gpt-4o"),
        ("self-made", "Self-Made"),  # which only says how it is spelled
        ("", ""),
    ],
)
def test_aliases_are_followed_to_the_end(name: str, end: str) -> None:
    rules = AliasRules(
        [
            ("together_ai/*", ""),
            ("*-instruct", ""),
            ("together_ai/special/*", "chosen"),
            ("together_ai/exact", "other"),
            ("GPT-4o-2024", "gpt-4o"),
            ("self-made", "Self-Made"),
        ]
    )
    assert rules.find_end(name) == end
    assert rules.find_circle() == []


def test_a_circle_counts_as_one_model() -> None:
    rules = AliasRules([("a", "x/b"), ("x/*", ""), ("B", "A"), ("c", "a")])
    assert len({rules.find_end(name).lower() for name in ("a", "A", "b", "x/b", "c")}) == 1
    assert rules.find_circle()


def test_the_first_of_two_cases_is_canonical_without_a_price(world: World) -> None:
    sent(["Nova-1", "nova-1", "NOVA-1"])
    assert set(canonical("Nova-1", "nova-1", "NOVA-1").values()) == {"Nova-1"}
    ensure_models({"B-2", "b-2"})
    assert canonical("B-2", "b-2") == {"B-2": "B-2", "b-2": "B-2"}


def test_the_name_in_the_catalogue_is_canonical_once_it_has_a_price(world: World) -> None:
    sent(["NOVA", "Nova"])
    days = {"unit_price": 1, "starts_on": today() + 9 * DAY}
    price = create_price(actor=staff(world), line_item=item(), model="nova", **days)
    assert canonical("NOVA", "Nova", "nova") == dict.fromkeys(("NOVA", "Nova", "nova"), "nova")
    delete_price(actor=staff(world), price=price)
    # The row that the price made was the last.
    assert set(canonical("NOVA", "Nova", "nova").values()) == {"NOVA"}


def test_a_price_of_one_customer_chooses_no_name(world: World) -> None:
    sent(["nova"])
    create_price(
        actor=staff(world),
        line_item=item(),
        model="Nova",
        unit_price=1,
        starts_on=today() + 9 * DAY,
        organization=world.organization,
    )
    sent(["Nova"])
    assert canonical("Nova") == {"Nova": "nova"}


def test_an_alias_counts_from_the_next_event_on(world: World, secret: str) -> None:
    name = f"together_ai/{PRICED}"
    assert use(world, secret, name) == DEFAULT
    alias = add(world, "together_ai/*")
    assert canonical(name) == {name: PRICED}
    assert use(world, secret, name) == PRICE
    assert use(world, secret, name.upper()) == PRICE
    assert use(world, secret, f"together_ai/{PRICED}-new") == DEFAULT
    change_alias(actor=staff(world), alias=alias, pattern="fireworks/*", target="")
    assert use(world, secret, name) == DEFAULT
    assert use(world, secret, f"FIREWORKS/{PRICED}") == PRICE
    delete_alias(actor=staff(world), alias=alias)
    assert use(world, secret, f"fireworks/{PRICED}") == DEFAULT
    recorded = UsageRecord.objects.order_by("pk").values_list("series__model__name", flat=True)
    assert [*recorded][:3] == [name, name, name.upper()]
    acts = AuditEvent.objects.filter(act__startswith="model_alias.").order_by("pk")
    assert [event.act for event in acts] == [
        Action.MODEL_ALIAS_CREATED,
        Action.MODEL_ALIAS_CHANGED,
        Action.MODEL_ALIAS_DELETED,
    ]
    assert acts[1].before["pattern"], acts[1].after["pattern"] == ("together_ai/*", "fireworks/*")


def test_a_name_with_a_price_of_its_own_keeps_it(world: World, secret: str) -> None:
    add(world, "deepseek-r1", PRICED)
    assert use(world, secret, "deepseek-r1") == 7_000_000
    assert canonical("deepseek-r1") == {"deepseek-r1": PRICED}


def test_the_answer_says_default_only_without_a_price_of_either_name(
    world: World, secret: str
) -> None:
    add(world, "known", PRICED)
    add(world, "unknown", "nothing-of-that-name")
    models = ("known", "unknown", PRICED.upper())
    answers = [event(world, id=model, dimensions={"model": model}) for model in models]
    assert [answer.get("priced_as") for answer in results(secret, *answers)] == [
        None,
        "default",
        None,
    ]


def test_aliases_that_count_as_each_other_are_refused(world: World) -> None:
    add(world, "a", "b")
    add(world, "x/*")
    for pattern, target in (("b", "a"), ("B", "x/A"), ("b*", "a")):
        if pattern == "b*":
            continue
        with pytest.raises(Conflict, match="count as each other"):
            add(world, pattern, target)
    with pytest.raises(Conflict, match="already an alias"):
        add(world, "X/*", "y")
    assert ModelAlias.objects.count() == 2


def test_names_of_the_version_before_are_settled(world: World) -> None:
    """It adds names without a canonical one while this version is installed."""
    ModelName.objects.bulk_create([ModelName(name=name) for name in ("Old", "OLD", "LLAMA-3.1-8B")])
    assert update_canonical_models() == 2
    assert canonical("Old", "OLD", "LLAMA-3.1-8B") == {
        "Old": "Old",
        "OLD": "Old",
        "LLAMA-3.1-8B": PRICED,
    }
    assert update_canonical_models() == 0


def test_a_new_name_is_settled_beside_rows_that_are_out_of_date(world: World) -> None:
    models = ModelName.objects
    head = models.create(name="NEW")
    models.create(name="new", canonical=head)
    # Written past the services: now the catalogue has another spelling.
    Price.objects.create(line_item=item(), model="new", unit_price=1, starts_on=today() + DAY)
    sent(["New"])
    assert set(canonical("NEW", "new", "New").values()) == {"new"}


def test_every_canonical_name_is_what_the_rules_say_after_any_acts(world: World) -> None:
    """The rows that were settled one after the other are those that are settled at once."""
    sent(["a/B-x", "A/b", "b", "B-X", "c/b", "B"])
    first = add(world, "a/*")
    second = add(world, "*-x")
    sent(["a/c/b-X", "C/B"])
    change_alias(actor=staff(world), alias=first, pattern="c/*", target="")
    sent(["a/B-X", "c/new"])
    delete_alias(actor=staff(world), alias=second)
    names = [*ModelName.objects.values_list("name", flat=True)]
    wanted = CanonicalNames.fetch(names)
    assert canonical(*names) == {name: wanted.find(name) for name in names}
    assert update_canonical_models() == 0


def test_names_that_are_known_cost_no_query_more(world: World, secret: str) -> None:
    def count(number: int) -> int:
        models = [PRICED, f"gateway/{PRICED}", PRICED.upper()] * (1 + 9 * number)
        sent = [
            event(world, id=f"{number}-{n}", dimensions={"model": model})
            for n, model in enumerate(models)
        ]
        with queries() as captured:
            results(secret, *sent)
        assert "usage_modelalias" not in str([query["sql"] for query in captured])
        return len(own_queries(captured))

    add(world, "gateway/*")
    results(
        secret,
        *(
            event(world, id=m, dimensions={"model": m})
            for m in (PRICED, f"gateway/{PRICED}", PRICED.upper())
        ),
    )
    assert count(0) == count(1)


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("new", 2),  # its canonical name is read, and its row is added
        ("NOVA", 2),
        ("gateway/nova", 3),  # what the alias leads to is read too
        ("gateway/unsent", 4),  # and its row is added
    ],
)
def test_a_new_name_costs_two_queries(world: World, secret: str, name: str, more: int) -> None:
    """And two at most if an alias covers it. On PostgreSQL it waits for a lock first."""
    add(world, "gateway/*")
    sent(["nova", "sent"])

    def count(model: str) -> int:
        with queries() as captured:
            use(world, secret, model)
        return len(own_queries(captured))

    use(world, secret, PRICED)
    known = count("sent")
    assert count(name) - known == more + (connection.vendor == "postgresql")


def test_the_price_list_shows_what_an_alias_is_billed_at(world: World, secret: str) -> None:
    """Also of a name for which only one customer has a price that begins later."""
    add(world, "Partner/*")
    name = f"partner/{PRICED}"
    agree(world.organization, 5, name, days=2)
    agree(world.organization, 7, PRICED, days=1)
    (row,) = (
        price
        for product in build_price_list(world.organization, today())
        for listed in product.items
        for price in listed.prices
        if (listed.line_item, price.model) == (item(), name)
    )
    assert row.unit_price == row.standard == use(world, secret, name) == PRICE
    assert [(later.starts_on, later.unit_price) for later in row.later] == [
        (today() + DAY, 7),
        (today() + 2 * DAY, 5),
    ]
