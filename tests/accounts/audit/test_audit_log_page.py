"""The audit log: what stands on it, its filter, its pages, its file."""

import csv
import io
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actors import Actor
from accounts.audit import log as audit_log
from accounts.audit.writer import normalize_ip, record
from accounts.enums import Action
from accounts.models import Organization
from accounts.organizations.services.organizations import change_organization
from accounts.web.csv_files import format_cell
from tests.support.pages import own_queries, queries, signed_in, words
from tests.world import World, person

pytestmark = pytest.mark.django_db


def address(world: World) -> str:
    return reverse("audit_log", args=[world.organization.slug])


def log(world: World, **query: Any) -> list[Any]:
    rows: list[Any] = signed_in(world.admin).get(address(world), query).context["page"].rows
    return rows


def rename(world: World, name: str) -> None:
    change_organization(
        actor=Actor.of_user(world.admin), organization=world.organization, name=name
    )


def many(organization: Organization, number: int) -> None:
    for index in range(number):
        record(
            Actor.without_account(f"somebody{index}@elsewhere.example"),
            Action.INVITATION_DECLINED,
            organization=organization,
            target=organization,
        )


def test_it_says_who_did_what_before_and_after_newest_first(world: World) -> None:
    rename(world, "Northwind Traders")
    response = signed_in(world.owner).get(address(world))
    first = response.context["page"].rows[0]
    assert (first.actor_name, first.act) == (world.admin.email, Action.ORGANIZATION_CHANGED)
    assert "Organization settings changed" in words(response)
    assert "name: Northwind → Northwind Traders" in words(response)


def test_it_writes_projects_and_moments_as_people_do(world: World) -> None:
    record(
        Actor.of_user(world.admin),
        Action.INVITATION_SENT,
        organization=world.organization,
        target=world.organization,
        after={"projects": {"research": "admin"}, "until": "2026-03-12T09:05:46.123456+00:00"},
    )
    page = words(signed_in(world.owner).get(address(world)))
    assert "projects: research (admin)" in page
    assert "until: 2026-03-12 09:05 UTC" in page


def test_nothing_of_another_organization_is_on_it(world: World) -> None:
    assert {event.organization for event in log(world)} == {world.organization}
    assert log(world, actor=world.stranger.email) == []
    assert log(world, q="Rockets") == []
    assert log(world, target=world.other_project.public_id) == []


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"actor": "admin@northwind.example"}, True),
        ({"actor": " ADMIN@northwind.example "}, True),
        ({"actor": "owner@northwind.example"}, False),
        ({"act": "organization.changed"}, True),
        ({"act": "project.created"}, False),
        ({"act": "no.such"}, True),
        ({"target": "Northwind"}, True),
        ({"target": "Research"}, False),
        ({"q": "traders"}, True),
        ({"q": "settings changed"}, True),
        ({"q": "admin@north"}, True),
        ({"q": "nothing like it"}, False),
        ({"since": "2000-01-01", "until": "2999-12-31"}, True),
        ({"since": "2999-01-01"}, False),
        ({"until": "2000-01-01"}, False),
        ({"since": "yesterday", "until": "2020-02-31"}, True),
    ],
)
def test_the_filter_lets_through_what_it_says(
    world: World, query: dict[str, str], *, found: bool
) -> None:
    rename(world, "Northwind Traders")
    renamed = [event for event in log(world, **query) if event.act == Action.ORGANIZATION_CHANGED]
    assert bool(renamed) is found


def test_a_target_is_found_by_its_id(world: World) -> None:
    events = log(world, target=world.research.public_id)
    assert {event.target_name for event in events} == {"Research"}


def test_older_events_are_a_page_away_and_none_is_lost(world: World) -> None:
    many(world.organization, 120)
    browser, url, seen = signed_in(world.owner), address(world), list[int]()
    while url:
        page = browser.get(url).context["page"]
        seen += [event.sequence for event in page.rows]
        url = page.older_url and address(world) + page.older_url
    total = world.organization.audit_chain.length
    assert seen == list(range(total, 0, -1))


def test_free_text_is_looked_for_a_stretch_at_a_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    many(world.organization, 30)
    monkeypatch.setattr(audit_log, "WINDOW", 10)
    browser, url, found, steps = signed_in(world.owner), address(world) + "?q=Research", 0, 0
    while url:
        page = browser.get(url).context["page"]
        found += len(page.rows)
        steps += 1
        url = page.older_url and address(world) + page.older_url
    assert found > 0
    assert steps > 3


def test_the_file_holds_what_the_filter_lets_through_and_no_formula(
    world: World, client: Client
) -> None:
    rename(world, "=1+1")
    client.force_login(world.owner)
    response = client.get(address(world), {"format": "csv", "act": "organization.changed"})
    assert response["Content-Disposition"].startswith("attachment")
    rows = list(csv.DictReader(io.StringIO(b"".join(response).decode())))
    assert [row["actor"] for row in rows] == [world.admin.email]
    assert rows[0]["target"] == "'=1+1"


def test_its_queries_do_not_grow_with_it(world: World) -> None:
    browser = signed_in(world.owner)
    browser.get(address(world))
    counts = []
    for number in (1, 60):
        many(world.organization, number)
        with queries() as captured:
            browser.get(address(world))
        counts.append(len(own_queries(captured)))
    assert counts[0] == counts[1] <= 10


@pytest.mark.parametrize("day", ["0001-01-01", "9999-12-31"])
@pytest.mark.parametrize("name", ["since", "until"])
def test_the_first_and_the_last_day_there_is_can_be_asked_for(
    world: World, name: str, day: str
) -> None:
    admin = signed_in(world.admin)
    assert admin.get(address(world), {name: day}).status_code == 200
    file = admin.get(address(world), {name: day, "format": "csv"})
    assert b"time (UTC)" in b"".join(file.streaming_content)


def test_it_does_not_say_whether_an_address_it_names_has_an_account(world: World) -> None:
    somebody = Actor.without_account("invited@nowhere.example")
    record(
        somebody,
        Action.INVITATION_DECLINED,
        organization=world.organization,
        target=world.member_invitation,
    )
    before = log(world, actor=somebody.principal.label)
    person(somebody.principal.label)
    assert log(world, actor=somebody.principal.label) == before != []


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠"])
def test_no_cell_begins_as_a_formula_does(start: str) -> None:
    assert format_cell(f"{start}cmd|'/c calc'!A1").startswith("'")


def test_an_address_with_any_scope_is_written_down() -> None:
    assert normalize_ip("fe80::1%" + "a" * 60) == "fe80::1"
