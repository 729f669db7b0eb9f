"""Usage on the overviews of a project and an organization, for who may see it."""

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from tests.support.clock import set_clock
from tests.support.pages import own_queries, queries, signed_in, words
from tests.usage.helpers.factories import used
from tests.world import World, issued

pytestmark = pytest.mark.django_db
NOW = dt.datetime(2026, 11, 25, 15, 30, tzinfo=dt.UTC)
TODAY = NOW.date()
MILLION = 1_000_000  # tokens: $0.88


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch, world: World) -> None:
    set_clock(monkeypatch, max(NOW, timezone.now()))
    set_clock(monkeypatch, NOW)


def project_page(user: User, world: World) -> Any:
    return signed_in(user).get(reverse("project", args=[world.research.slug]))


def organization_page(user: User, world: World) -> Any:
    return signed_in(user).get(reverse("organization", args=[world.organization.slug]))


def test_the_month_stands_beside_the_last_one_to_the_same_day(world: World) -> None:
    used(world.key, TODAY, quantity=2 * MILLION)
    used(world.key, dt.date(2026, 10, 20), quantity=MILLION)
    used(world.key, dt.date(2026, 10, 30), quantity=50 * MILLION)  # later than the same day
    text = words(project_page(world.project_member, world))
    assert "Cost this month $1.76 ▲ 100.0% vs. this point in October" in text
    assert "Requests this month 1 same as at this point in October" in text
    assert words(organization_page(world.owner, world)).count("Cost this month $1.76") == 1


def test_thirty_days_have_a_bar_each(world: World) -> None:
    used(world.key, TODAY, quantity=MILLION)
    used(world.key, TODAY - dt.timedelta(days=29), quantity=MILLION)
    used(world.key, TODAY - dt.timedelta(days=30), quantity=MILLION)
    page = project_page(world.owner, world).content.decode()
    assert page.count('<g class="bar">') == 30
    assert "<title>27 Oct: $0.88</title>" in page
    assert "26 Oct:" not in page
    assert ">$1.76</small>" in page


def test_they_lead_to_the_usage_page_and_to_cost_analytics(world: World) -> None:
    page = project_page(world.project_member, world).content.decode()
    assert f'href="{reverse("usage", args=[world.research.slug])}"' in page
    page = organization_page(world.admin, world).content.decode()
    assert f'href="{reverse("cost_analytics", args=[world.organization.slug])}"' in page


def test_externals_see_none_of_it(world: World) -> None:
    used(world.key, TODAY, quantity=MILLION)
    for user in (world.external, world.external_admin):
        for page in (project_page(user, world), organization_page(user, world)):
            assert page.status_code == 200
            for word in ("0.88", "this month", "Last 30 days"):
                assert word not in words(page)


def test_members_see_their_projects_usage_and_not_that_of_the_organization(world: World) -> None:
    used(world.key, TODAY, quantity=MILLION)
    assert "$0.88" in words(project_page(world.project_member, world))
    assert "this month" not in words(organization_page(world.project_member, world))


def test_another_projects_usage_is_not_counted(world: World) -> None:
    used(issued(world.production, world.owner).key, TODAY, quantity=MILLION)
    assert "Cost this month $0.00" in words(project_page(world.owner, world))
    assert "Cost this month $0.88" in words(organization_page(world.owner, world))


def test_much_usage_costs_no_query_more(world: World) -> None:
    client, counts = signed_in(world.owner), []
    used(world.key, TODAY)
    for _ in range(3):  # the first time also notes who was there
        for name, slug in (("project", world.research), ("organization", world.organization)):
            with queries() as captured:
                client.get(reverse(name, args=[slug.slug]))
            counts.append(len(own_queries(captured)))
        for number in range(30):
            used(world.key, TODAY - dt.timedelta(days=number))
    assert counts[2:4] == counts[4:]
