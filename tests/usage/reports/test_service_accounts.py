"""Usage of the keys of service accounts: on all reports it is theirs, not their creator's."""

import datetime as dt

import pytest
from django.urls import reverse

from accounts.actors import Actor
from keys.models import ApiKey
from keys.service_accounts.services import create_account_key
from projects.models import ServiceAccount
from tests.keys.helpers.api_client import call
from tests.keys.helpers.service_accounts import create_account
from tests.projects.api.callers import admin_key
from tests.support.pages import signed_in, words
from tests.usage.helpers.factories import used
from tests.world import World
from usage.enums import Dimension
from usage.periods import Period
from usage.reports.report import Report
from usage.reports.scope import ReportFilter, UsageScope

pytestmark = pytest.mark.django_db
FIRST = dt.date(2026, 11, 1)
NOVEMBER = Period(FIRST, dt.date(2026, 11, 30))


@pytest.fixture
def account(world: World) -> ServiceAccount:
    return create_account(world.owner, world.research, "nightly build")


@pytest.fixture
def key(world: World, account: ServiceAccount) -> ApiKey:
    """Of the account, created by the Owner; another key of theirs has usage too."""
    actor = Actor.of_user(world.owner)
    key = create_account_key(actor=actor, account=account, name="of the build").key
    used(key, FIRST, quantity=3_000_000)
    used(world.key, FIRST, quantity=1_000_000)
    return key


def test_it_is_a_group_of_its_own(world: World, account: ServiceAccount, key: ApiKey) -> None:
    scope = UsageScope(world.organization, world.owner)
    report = Report(scope, NOVEMBER, group_by=Dimension.COLLABORATOR)
    groups = {group.key: group.amount for group in report.groups}
    assert groups == {-account.pk: 26_400_000_000, world.project_member.pk: 8_800_000_000}
    assert sum(sum(bar.values()) for bar in report.sum_bars()) == report.total
    for pk, amount in groups.items():
        chosen = ReportFilter(included={Dimension.COLLABORATOR: [pk]})
        assert Report(scope, NOVEMBER, filter=chosen).total == amount
        others = ReportFilter(excluded={Dimension.COLLABORATOR: [pk]})
        assert Report(scope, NOVEMBER, filter=others).total == report.total - amount


def test_pages_name_it_and_filter_by_it(world: World, account: ServiceAccount, key: ApiKey) -> None:
    browser = signed_in(world.owner)
    query = {"start": "2026-11-01", "end": "2026-11-30", "group_by": "collaborator"}
    for address in (
        reverse("usage", args=["research"]),
        reverse("cost_analytics", args=[world.organization.slug]),
    ):
        text = words(browser.get(address, query))
        assert "nightly build Service account" in text
        chosen = browser.get(address, {**query, "collaborator": account.public_id})
        assert chosen.status_code == 200
        assert "$2.64" in words(chosen)
        assert "$0.88" not in words(chosen)
    foreign = browser.get(
        reverse("usage", args=["production"]), {**query, "collaborator": account.public_id}
    )
    assert foreign.status_code == 422


def test_the_api_names_it(world: World, account: ServiceAccount, key: ApiKey) -> None:
    start = int(dt.datetime(2026, 11, 1, tzinfo=dt.UTC).timestamp())
    path = f"/v1/organization/costs?start_time={start}&group_by[]=user_id&limit=1"
    secret = admin_key(world)
    results = call(path, secret).json()["data"][0]["results"]
    assert {row["user_id"]: row["amount"]["decimal"] for row in results} == {
        account.public_id: "2.64",
        world.project_member.public_id: "0.88",
    }
    chosen = call(f"{path}&user_ids[]={account.public_id}", secret).json()["data"][0]["results"]
    assert [row["user_id"] for row in chosen] == [account.public_id]
