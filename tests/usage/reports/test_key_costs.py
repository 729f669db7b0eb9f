"""The *30-day cost* of API keys, on a project's page and in the report on an organization's."""

import datetime as dt
import re

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from tests.keys.helpers.factories import many_keys
from tests.support.pages import own_queries, queries, signed_in
from tests.usage.helpers.factories import used
from tests.world import World, issued

pytestmark = pytest.mark.django_db
CELL = re.compile(
    r'class="key"><b>([^<]*)</b>.*?data-label="30-day cost"[^>]*><a [^>]*title="([^"]*)">([^<]*)<',
    re.DOTALL,
)


def costs(user: User, address: str) -> dict[str, tuple[str, str]]:
    """What the page says of each key: exactly and in short."""
    page = signed_in(user).get(address).content.decode()
    return {name: (exact, short) for name, exact, short in CELL.findall(page)}


def test_each_key_has_the_cost_of_thirty_days_wherever_it_is_billed(world: World) -> None:
    today, idle = timezone.now().date(), issued(world.research, world.owner, "idle").key
    used(world.key, today, quantity=1_234_567)
    used(world.key, today - dt.timedelta(days=29), quantity=1_000_000)
    used(world.key, today - dt.timedelta(days=30), quantity=1_000_000)
    used(world.key, today, product="volumes", item="gb_hours", quantity=2, project=world.default)
    expected = {world.key.name: ("$3.96641896", "$3.97"), idle.name: ("$0", "$0.00")}
    assert costs(world.project_member, reverse("api_keys", args=[world.research.slug])) == expected
    report = reverse("organization_keys", args=[world.organization.slug])
    assert costs(world.admin, report) == expected


def test_externals_have_no_such_column(world: World) -> None:
    used(world.key, timezone.now().date())
    address = reverse("api_keys", args=[world.research.slug])
    for user in (world.external, world.external_admin):
        page = signed_in(user).get(address).content.decode()
        assert world.key.name in page
        assert "30-day" not in page
        assert "0.88" not in page


@pytest.mark.parametrize("who", ["owner", "external"])
def test_thirty_keys_cost_no_query_more(world: World, who: str) -> None:
    client, counts = signed_in(getattr(world, who)), []
    address = reverse("api_keys", args=[world.research.slug])
    for number in (29, 0):
        with queries() as captured:
            client.get(address)
        counts.append(sum("usage_dailytotal" in text for text in own_queries(captured)))
        many_keys(world.research, world.owner, number)
    assert counts == ([1, 1] if who == "owner" else [0, 0])


def find_cost_links(page: str) -> dict[str, str]:
    """The URLs of usage pages on a page by the amounts that link there."""
    links = re.findall(
        r'<a href="([^"]*/(?:usage|cost-analytics)/\?[^"]*start=[^"]*)"[^>]*>([^<]*)<', page
    )
    return {amount: url.replace("&amp;", "&") for url, amount in links}


def test_each_cost_leads_to_the_usage_that_it_adds_up(world: World) -> None:
    today = timezone.now().date()
    used(world.key, today, quantity=3_000_000)
    used(issued(world.research, world.owner, "other").key, today)
    person = world.project_member.public_id
    for address, links in (
        (reverse("api_keys", args=[world.research.slug]), 2),
        (reverse("organization_keys", args=[world.organization.slug]), 2),
        # The person's own, in all projects and of the key.
        (reverse("person", args=[world.organization.slug, person]), 1),
    ):
        client = signed_in(world.owner)
        found = find_cost_links(client.get(address).content.decode())
        assert "$2.64" in found
        for amount, url in found.items():
            figure = client.get(url).context["figures"][0].value
            assert figure == amount, (address, url)
        assert sum(amount != "$0.00" for amount in found) >= links
