"""The early access page and its banners say what the catalogue says at that moment."""

from typing import Any

import pytest
from django.urls import reverse

from accounts.models import User
from projects.models import Project
from tests.support.pages import own_queries, queries, signed_in, words
from tests.usage.helpers.event_client import event, results
from tests.world import World
from usage.catalogue.early_access import join_names
from usage.models import Product

pytestmark = pytest.mark.django_db
NAMES = "Dedicated Endpoints, Volumes, Fine-tuned Models and 2 more"


def page(user: User) -> Any:
    return signed_in(user).get(reverse("early_access"))


def overview(user: User, project: Project) -> str:
    return words(signed_in(user).get(reverse("project", args=[project.slug])))


def switch(*codes: str) -> None:
    Product.objects.filter(code__in=codes).update(multi_project=True)


def said_of(text: str, product: Product) -> str:
    """What the page says from the product's description to the next product or the end of the table."""
    return text.partition(product.description)[2][:220]


def test_it_lists_every_product_with_where_its_usage_is_billed(world: World) -> None:
    text = words(page(world.member))
    for product in Product.objects.all():
        assert product.name in text
    clusters, volumes, playground = (
        said_of(text, Product.objects.get(code=code))
        for code in ("instant-clusters", "volumes", "playground")
    )
    assert clusters.startswith(" By project With an API key: the project of the key")
    assert volumes.startswith(
        " Not yet With an API key, or a member’s token: the Default Project of the organization"
        " With an external collaborator’s token: the Default Project of their home organization"
    )
    assert playground.startswith(" Never Always: the Default Project")


def test_it_is_true_on_the_day_support_flips_a_switch(world: World) -> None:
    volumes = Product.objects.get(code="volumes")
    assert said_of(words(page(world.owner)), volumes).startswith(" Not yet")
    switch("volumes")
    assert said_of(words(page(world.owner)), volumes).startswith(" By project")


def test_help_in_the_menu_leads_to_it(world: World) -> None:
    assert 'href="/help/"' in page(world.external).content.decode()
    help_page = signed_in(world.external).get("/help/").content.decode()
    assert 'href="/early-access/"' in help_page


def test_ten_more_products_cost_no_query_more(world: World) -> None:
    client, counts = signed_in(world.member), []
    for number in range(2):
        for n in range(10 * number):
            Product.objects.create(code=f"more-{n}", name=f"More {n}")
        with queries() as captured:
            client.get(reverse("early_access"))
        counts.append(len(own_queries(captured)))
    assert counts[0] == counts[1]


def test_a_project_without_usage_says_what_will_be_billed_elsewhere(
    world: World, secret: str
) -> None:
    said = f"Usage of {NAMES} is not attributed to projects yet."
    assert said in overview(world.project_member, world.research)
    results(secret, event(world))
    assert said not in overview(world.project_member, world.research)
    assert said in overview(world.project_member, world.production)


def test_the_default_project_says_that_it_lands_there(world: World) -> None:
    assert "What keys and members use is billed here" in overview(world.member, world.default)


def test_an_external_reads_that_their_own_organization_pays(world: World, secret: str) -> None:
    results(secret, event(world))
    home = world.external.home_organization
    assert home is not None
    text = overview(world.external, world.research)
    assert f"Usage of {NAMES} with your own token is billed to {home.name}, your home" in text
    assert "your home organization" not in overview(world.project_member, world.research)


def test_no_banner_is_left_when_every_product_works_across_projects(world: World) -> None:
    waiting = Product.objects.not_yet_multi_project().values_list("code", flat=True)
    switch(*list(waiting))
    for user in (world.owner, world.external):
        assert "Which products are attributed to projects" not in overview(user, world.research)


@pytest.mark.parametrize(
    ("names", "said"),
    [
        ("", ""),
        ("A", "A"),
        ("AB", "A and B"),
        ("ABC", "A, B and C"),
        ("ABCD", "A, B, C and 1 more"),
    ],
)
def test_a_few_names_are_said_and_the_others_counted(names: str, said: str) -> None:
    assert join_names(list(names)) == said
