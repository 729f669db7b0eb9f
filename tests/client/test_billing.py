"""The official SDK unmodified reads the bill: by day and hour, page by page, to the page's last digit."""

import csv
import datetime as dt
import io
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from typing import Any

import pytest
import together
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from tests.client.conftest import Sdk
from tests.keys.helpers.personal_tokens import made
from tests.keys.helpers.terminal_client import logged_in
from tests.support.pages import signed_in
from tests.usage.helpers.factories import used
from tests.world import World, issued
from usage.amounts import COST_DIGITS, to_decimal
from usage.periods import Period
from usage.reports.report import Report
from usage.reports.scope import UsageScope

pytestmark = pytest.mark.django_db(transaction=True)
# Only finished windows are told, so that a whole month is the last one.
TODAY = timezone.now().date()
LAST = TODAY.replace(day=1) - dt.timedelta(days=1)
MONTH = f"{LAST:%Y-%m}"
WHOLE = Period(LAST.replace(day=1), LAST)
Sums = dict[tuple[str, str], tuple[Decimal, Decimal]]


def fill(world: World) -> None:
    """Odd amounts in three projects and four hours of each day of last month, and some now."""
    storage: dict[str, Any] = {"product": "volumes", "item": "gb_hours", "model": ""}
    production = issued(world.production, world.owner, "deploy").key
    for number in range(LAST.day):
        day = WHOLE.start + dt.timedelta(days=number)
        used(world.key, day, quantity=1_000_003 + number, at=dt.time(0))
        used(world.key, day, quantity=77 * number + 1, item="input_tokens", at=dt.time(23, 59, 59))
        used(production, day, quantity=31 + number, at=dt.time(7, 30))
        used(world.key, day, quantity=number + 1, project=world.default, at=dt.time(9), **storage)
    used(world.external, LAST, quantity=5, project=world.research)
    used(world.other_key, LAST, quantity=9_999)
    used(world.key, WHOLE.start - dt.timedelta(days=1), quantity=123)
    used(world.key, TODAY, quantity=321, at=timezone.now().time())


def costs(client: together.Together, **asked: Any) -> list[Any]:
    """All windows, over as many pages as there are."""
    return list(client.organization.usage.costs.list(**asked))


def sums(windows: list[Any]) -> Sums:
    """Units and cost by day and line item."""
    found: Sums = {}
    for window in windows:
        for one in window.line_items:
            place = (window.date, one.pricing_dimensions["line_item"])
            units, cost = found.get(place, (Decimal(), Decimal()))
            found[place] = units + Decimal(one.quantity), cost + Decimal(one.cost)
    return found


def of_page(user: User, name: str, slug: str) -> Sums:
    """The same from the file of that usage page."""
    period = {"start": str(WHOLE.start), "end": str(WHOLE.end)}
    answer = signed_in(user).get(reverse(name, args=[slug]), {"format": "csv", **period})
    assert answer.status_code == 200
    lines = csv.DictReader(io.StringIO(b"".join(answer).decode()))  # type: ignore[call-overload]
    return {
        (line["day (UTC)"], line["line item"]): (
            Decimal(line["units"]),
            Decimal(line["cost (USD)"]),
        )
        for line in lines
    }


def assert_whole(windows: list[Any], of_day: int) -> None:
    """Each window once, in order, with usage, of last month."""
    starts = [window.start_time for window in windows]
    assert starts == sorted(set(starts))
    assert len(windows) == LAST.day * of_day
    assert {window.date[:7] for window in windows} == {MONTH}
    assert all(window.line_items for window in windows)


def test_a_bill_comes_to_what_the_pages_show(world: World, sdk: Sdk) -> None:
    fill(world)
    terminal = logged_in(world.owner)
    scoped = sdk(terminal.project_token(world.research))
    script = sdk(made(world.owner, world.research).secret)
    for client in (sdk(world.key_secret), scoped, script):
        shown = of_page(world.owner, "usage", world.research.slug)
        days = costs(client, month=MONTH, granularity="day", limit=7)
        assert_whole(days, 1)
        assert sums(days) == shown
        hours = costs(client, month=MONTH, granularity="hour", limit=50)
        assert sums(hours) == shown
        report = Report(UsageScope(world.organization, world.owner, world.research), WHOLE)
        assert sum(cost for _, cost in sums(days).values()) == to_decimal(report.total, COST_DIGITS)
    owner = sdk(terminal.access)
    shown = of_page(world.owner, "cost_analytics", world.organization.slug)
    for more in ({}, {"organization_id": world.organization.public_id}):
        days = costs(owner, month=MONTH, limit=10, **more)
        assert_whole(days, 1)
        assert sums(days) == shown
        hours = costs(owner, month=MONTH, granularity="hour", limit=100, **more)
        assert sums(hours) == shown
    script = sdk(made(world.owner, world.organization, "of all").secret)
    assert sums(costs(script, month=MONTH)) == shown
    last = costs(owner, month=MONTH)[-1]
    assert {one.attributes["project_id"] for one in last.line_items} == {
        world.research.public_id,
        world.production.public_id,
        world.default.public_id,
    }
    assert costs(owner, limit=1000) == [], "today is not over"
    assert costs(owner, month="2101-01", granularity="hour") == []


@contextmanager
def refused(kind: type[together.APIStatusError], message: str) -> Iterator[None]:
    with pytest.raises(kind, match=message) as found:
        yield
    assert found.value.body is not None
    assert found.value.response.headers["x-request-id"]


def test_what_may_not_be_read_is_said_clearly(world: World, sdk: Sdk) -> None:
    forbidden, of_others = together.PermissionDeniedError, "may not read the usage of that organ"
    outsider = logged_in(world.external)
    key = issued(world.research, world.external, "of an external").secret
    script = made(world.external, world.research).secret
    for secret in (outsider.project_token(world.research), key, script):
        with refused(forbidden, "This credential may not read usage."):
            costs(sdk(secret))
    foreign, nowhere = world.other_organization.public_id, f"org_{'0' * 20}"
    owner, member = logged_in(world.owner).access, logged_in(world.project_member).access
    for secret in (world.key_secret, owner, outsider.access):
        for named in (foreign, nowhere):
            with refused(forbidden, of_others):
                costs(sdk(secret), organization_id=named)
    for asked in ({}, {"organization_id": world.organization.public_id}):
        with refused(forbidden, of_others):
            costs(sdk(member), **asked)
    # Everybody owns the organization they signed up with.
    assert costs(sdk(outsider.access)) == []
    client = sdk(world.key_secret)
    with refused(together.BadRequestError, "organization_id is an id such as"):
        costs(client, organization_id="northwind")
    for month in ("2026-13", "november", "2026-1"):
        with refused(together.UnprocessableEntityError, "month is a month such as 2026-11"):
            costs(client, month=month)
    with refused(together.UnprocessableEntityError, "granularity is day or hour"):
        costs(client, granularity="week")
    with refused(together.UnprocessableEntityError, "after is the next_cursor of a page"):
        costs(client, after="nonsense")
    with refused(together.UnprocessableEntityError, "limit is a whole number from 1 to 1000"):
        costs(client, limit=1001)
    with refused(together.AuthenticationError, "a character is missing or wrong"):
        costs(sdk(outsider.access[:-1]))
