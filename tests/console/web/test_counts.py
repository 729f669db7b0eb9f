"""A number that leads to a list is the number of the list's rows, whoever looks."""

import datetime as dt
import re
from typing import Any

import pytest
from django.db.models import F
from django.urls import reverse

from accounts.actors import Actor
from keys.models import ApiKey
from projects.services.archive import archive_project
from projects.services.projects import create_project
from tests.support.pages import freshly_signed_in
from tests.world import World, build_world, invited, issued

pytestmark = pytest.mark.django_db
PEOPLE = ("owner", "admin", "member", "project_admin", "project_member", "external")
SIDE = re.compile(r'<a class="side-link" href="([^"]+)"[^>]*>.*?</a>', re.DOTALL)
BADGE = re.compile(r'<span class="count">(\d+)</span>')
# Where a count leads from the text of a link: 4 members, 2 of 5 used, 3 active, 1 expired.
FACT = re.compile(r'<dd><a href="([^"]+)">(\d+)( of \d+)?([^<]*)</a></dd>')
FURTHER = re.compile(r", (\d+) expired")


def make_uneven(world: World) -> None:
    """Gives each list rows that it leaves out: archived, expired, revoked, pending."""
    owner = Actor.of_user(world.owner)
    attic = create_project(actor=owner, organization=world.organization, name="Attic")
    archive_project(actor=owner, project=attic)
    at_once = F("created_at") + dt.timedelta(milliseconds=1)
    for name, changes in (("old", {"expires_at": at_once}), ("gone", {"revoked_at": at_once})):
        key = issued(world.research, world.project_member, name).key
        ApiKey.objects.filter(pk=key.pk).update(**changes)
    issued(world.production, world.owner, "batch")
    invited(world.research, "second@partner.example")


@pytest.fixture
def world(db: None) -> World:
    world = build_world()
    make_uneven(world)
    return world


def rows_of(browser: Any, url: str) -> int:
    """Returns how many rows a list has on all its pages, with the pending ones below it."""
    answer = browser.get(url)
    assert answer.status_code == 200, url
    context, rows = answer.context, answer.context["page"].total
    if answer.resolver_match.url_name == "collaborators":
        rows += context["project"].pending_count
    return int(rows)


@pytest.mark.parametrize("person", PEOPLE)
def test_badges_and_overviews_count_what_they_lead_to(world: World, person: str) -> None:
    browser = freshly_signed_in(getattr(world, person))
    checked, wrong = 0, []
    pages = [
        *(reverse("project", args=[project.slug]) for project in (world.default, world.research)),
        reverse("organization", args=[world.organization.slug]),
    ]
    for page in pages:
        answer = browser.get(page)
        if answer.status_code != 200:
            continue
        html = answer.content.decode()
        numbers = [
            (link[1], int(badge[1]))
            for link in SIDE.finditer(html)
            if (badge := BADGE.search(link[0]))
        ]
        for fact in FACT.finditer(html):
            further = FURTHER.search(fact[4])
            numbers.append((fact[1], int(fact[2]) + (int(further[1]) if further else 0)))
        for url, number in numbers:
            checked += 1
            if (rows := rows_of(browser, url)) != number:
                wrong.append(f"{page} says {number} of {url}, which has {rows}")
    assert wrong == []
    assert checked > 2


@pytest.mark.parametrize("person", PEOPLE[:2])
def test_the_people_of_a_project_in_the_list_of_projects(world: World, person: str) -> None:
    browser = freshly_signed_in(getattr(world, person))
    page = browser.get(reverse("projects", args=[world.organization.slug]))
    rows = [row for row in page.context["rows"] if not row.project.is_default]
    assert len(rows) == 2
    for row in rows:
        assert rows_of(browser, row.people_url) == row.project.people_count, row.project.slug
