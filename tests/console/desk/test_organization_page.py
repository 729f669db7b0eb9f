"""An organization in Django admin: what it says at its head, where that leads, and its history."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actors import Actor
from accounts.enums import StaffRole
from accounts.support.services.limits import change_limits
from accounts.support.services.staff import save_staff_roles
from accounts.support.services.staff_users import add_staff_user
from tests.support.pages import signed_in, words
from tests.support.staff_factors import add_staff_app
from tests.world import World, build_world

pytestmark = pytest.mark.django_db
LINK = re.compile(r'<dd><a href="([^"]+)">(\d+) [^<]+</a>')


@pytest.fixture
def world(db: None) -> World:
    return build_world()


@pytest.fixture
def staff(world: World) -> Client:
    return signed_in(world.staff)


def change_page(world: World) -> str:
    return reverse("admin:accounts_organization_change", args=[world.organization.pk])


def test_it_says_who_owns_it_and_what_it_has(world: World, staff: Client) -> None:
    text = words(staff.get(change_page(world)))
    assert f"Owner {world.owner.name} {world.owner.email}" in text
    for words_said in (
        f"People {world.organization.memberships.count()} members 2 external collaborators",
        "Projects 3 projects 3 of at most 5 in use, 0 archived",
        "Cost this month $0.00",
        "Requests 1 request 1 waiting",
    ):
        assert words_said in text


def test_every_number_is_that_of_the_list_it_leads_to(world: World, staff: Client) -> None:
    html = staff.get(change_page(world)).content.decode()
    links = LINK.findall(html)
    assert len(links) == 5
    for url, number in links:
        page = staff.get(url.replace("&amp;", "&"))
        assert page.context["cl"].result_count == int(number), url


def test_an_organization_of_one_has_one_member(world: World, staff: Client) -> None:
    home = world.external.home_organization
    assert home
    text = words(staff.get(reverse("admin:accounts_organization_change", args=[home.pk])))
    assert "1 member " in text
    assert not re.search(r"\b1 (members|projects|API keys|events|invitations)\b", text)


def test_its_history_is_its_audit_log(world: World, staff: Client) -> None:
    change_limits(
        actor=Actor.of_user(world.staff), organization=world.organization, project_limit=9,
        external_collaborators_enabled=True, note="They grow.",
    )  # fmt: skip
    page = staff.get(reverse("admin:accounts_organization_history", args=[world.organization.pk]))
    text = words(page)
    assert "Limits changed by support" in text
    assert "Project limit: 5 → 9" in text
    assert "Organization created" in text
    assert f"{world.organization.audit_events.count()} events" in text
    assert world.stranger.email not in text


@pytest.mark.parametrize(
    ("model", "row", "said"),
    [
        ("projects_project", "research", "Project created"),
        ("keys_apikey", "key", "API key created"),
        ("accounts_user", "member", "Member joined"),
        ("accounts_supportrequest", "support_request", "Support request sent"),
    ],
)
def test_the_history_of_a_row_is_what_was_recorded_about_it(
    world: World, staff: Client, model: str, row: str, said: str
) -> None:
    page = staff.get(reverse(f"admin:{model}_history", args=[getattr(world, row).pk]))
    assert said in words(page)


def test_times_name_their_zone(world: World, staff: Client) -> None:
    text = words(staff.get(change_page(world)))
    created = world.organization.created_at
    assert f"{created.day} {created:%b %Y, %H:%M} UTC" in text


def test_prices_say_their_own_unit(staff: Client) -> None:
    text = words(staff.get(reverse("admin:usage_price_changelist")))
    assert re.search(r"\$[\d.]+ per GPU hour", text)
    assert re.search(r"\$[\d.]+ per million tokens", text)
    assert "per million GPU" not in text
    assert "USD per million" not in text


def test_who_may_only_look_sees_no_button(world: World) -> None:
    save_staff_roles()
    reader = add_staff_user(
        actor=Actor.of_user(world.staff), email="r@console.example", name="R",
        role=StaffRole.READ_ONLY,
    )  # fmt: skip
    pages = [
        change_page(world),
        reverse("admin:accounts_supportrequest_change", args=[world.support_request.pk]),
    ]
    add_staff_app(reader)
    for page in pages:
        answer = signed_in(reader).get(page)
        assert answer.status_code == 200
        html = answer.content.decode()
        assert not re.search(r"/(suspend|close|grant|decline)/", html)
