"""The report on all keys of an organization: what it shows to whom, what one can look for, its file."""

from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.actors import Actor
from accounts.members.services import remove_member
from accounts.models import User
from keys.api_keys.services import revoke_key, rotate_key
from keys.enums import Segment
from keys.models import ApiKey, KeyPolicy
from projects.services.archive import archive_project
from tests.keys.helpers.factories import hoard, one
from tests.support.clock import DAY
from tests.support.pages import own_queries, queries, signed_in, words
from tests.world import World, issued

pytestmark = pytest.mark.django_db
LIMIT = 11
SORTS = ["name", "-name", "project", "-project", "used", "-used", "expires", "-expires"]


def address(world: World) -> str:
    return reverse("organization_keys", args=[world.organization.slug])


def report(world: World, user: User | None = None, **query: str) -> Any:
    response = signed_in(user or world.owner).get(address(world), query)
    assert response.status_code == 200
    return response


def names(response: Any) -> list[str]:
    return [row.key.name for row in response.context["rows"]]


def counted(response: Any) -> dict[str, int]:
    return {link["label"]: link["number"] for link in response.context["looks"]}


@pytest.fixture
def stock(world: World) -> dict[str, ApiKey]:
    """Beside `notebooks`, made today: a key for each thing that one can look for."""
    owner, end = world.owner, timezone.now() + 90 * DAY
    keys = {
        "fresh": one(world.research, owner, "fresh", days=200, used=1, expires_at=end),
        "idle": one(world.production, owner, "idle", days=200, used=40, expires_at=end),
        "dead": one(world.research, owner, "dead", days=200, used=100, expires_at=end),
        "untouched": one(world.production, owner, "untouched", days=50, expires_at=end),
        "orphan": one(world.research, world.former, "orphan", days=3, expires_at=end),
        "over": one(world.research, owner, "over", days=99, expires_at=timezone.now() - DAY),
        "revoked": one(world.research, owner, "revoked", days=99),
    }
    revoke_key(actor=Actor.of_user(owner), key=keys["revoked"])
    return keys


LOOKS = {
    "": {"notebooks", "fresh", "idle", "dead", "untouched", "orphan"},
    "unused-30": {"idle", "dead", "untouched"},
    "unused-90": {"dead"},
    "never-expires": {"notebooks"},
    "creator-gone": {"orphan"},
    "all": {"notebooks", "fresh", "idle", "dead", "untouched", "orphan", "over", "revoked"},
    "no such look": {"notebooks", "fresh", "idle", "dead", "untouched", "orphan"},
    # Without a policy there is nothing to outlive.
    "outlives-policy": {"notebooks", "fresh", "idle", "dead", "untouched", "orphan"},
}


@pytest.mark.parametrize("look", LOOKS)
def test_each_look_shows_its_keys_and_counts_them(
    world: World, stock: dict[str, ApiKey], look: str
) -> None:
    response = report(world, look=look)
    assert set(names(response)) == LOOKS[look]
    assert len(names(response)) == response.context["total"] == len(LOOKS[look])
    assert counted(response) == {
        one.label: len(LOOKS[one.value if one != Segment.ACTIVE else ""])
        for one in Segment
        if one != Segment.OUTLIVES_POLICY
    }


def test_the_quick_links_lead_to_what_they_count(world: World, stock: dict[str, ApiKey]) -> None:
    client = signed_in(world.owner)
    links = report(world, q="e").context["looks"]
    for link in links:
        response = client.get(address(world) + link["url"])
        assert response.context["total"] == link["number"]
        assert response.context["filters"].q == "e"
        assert [one["label"] for one in response.context["looks"] if one["current"]] == [
            link["label"]
        ]


def test_with_a_longest_lifetime_keys_that_outlive_it_can_be_listed(
    world: World, stock: dict[str, ApiKey]
) -> None:
    KeyPolicy.objects.create(organization=world.organization, longest_days=100)
    response = report(world, look="outlives-policy")
    # All are 90 days from their end: those made 50 and more days ago live too long, and one for ever.
    assert set(names(response)) == {"notebooks", "fresh", "idle", "dead", "untouched"}
    assert counted(response)["Exceeding the key policy"] == 5
    rotate_key(actor=Actor.of_user(world.owner), key=stock["dead"], overlap=DAY)
    assert "dead" not in names(report(world, look="outlives-policy")), "its secret is a new one"


def test_unused_counts_from_the_last_use_of_any_secret(world: World) -> None:
    key = one(world.research, world.owner, "rotated", days=100, used=40)
    assert names(report(world, look="unused-30")) == ["rotated"]
    rotate_key(actor=Actor.of_user(world.owner), key=key, overlap=DAY)
    assert names(report(world, look="unused-30")) == ["rotated"], "nobody has used the new one yet"
    key.secrets.filter(ends_at__isnull=True).update(last_used_at=timezone.now())
    assert names(report(world, look="unused-30")) == []


def test_a_line_says_where_the_key_is_whose_and_how_it_stands(
    world: World, stock: dict[str, ApiKey]
) -> None:
    text = words(report(world, q="orphan"))
    hint = stock["orphan"].secrets.get().hint
    for said in (
        "orphan",
        hint,
        "Research",
        "Active",
        "Former",
        "has left",
        "Never",
        "created 3",
    ):
        assert said in text
    assert "Revoked" in words(report(world, look="all", q="revoked"))


def test_the_creator_is_gone_with_the_membership_and_not_with_the_project(world: World) -> None:
    issued(world.production, world.project_member, "theirs")
    assert names(report(world, look="creator-gone")) == []
    membership = world.organization.memberships.get(user=world.project_member)
    remove_member(actor=Actor.of_user(world.owner), membership=membership)
    assert set(names(report(world, look="creator-gone"))) == {"notebooks", "theirs"}


def test_keys_of_archived_projects_are_there_and_say_so(world: World) -> None:
    archive_project(actor=Actor.of_user(world.owner), project=world.research)
    assert "Research Archived" in words(report(world))


def test_the_default_key_and_other_companies_keys_are_not_in_it(world: World) -> None:
    for look in Segment.values:
        for response in (report(world, look=look), report(world, look=look, format="csv")):
            content = b"".join(response) if response.streaming else response.content
            assert b"Organization Default Key" not in content
            assert world.default.api_keys.default_key().public_id.encode() not in content
            assert world.other_key.public_id.encode() not in content
            assert b"pd_" not in content


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"q": "IDLE"}, {"idle"}),
        ({"q": "former@partner"}, {"orphan"}),
        ({"q": "Former"}, {"orphan"}),
        ({"q": "%"}, set()),
        ({"q": "\x00"}, {"notebooks", "fresh", "idle", "dead", "untouched", "orphan"}),
        ({"project": "production"}, {"idle", "untouched"}),
        ({"project": "production", "look": "unused-90"}, set()),
        ({"project": "rockets"}, set()),
        ({"project": "no-such"}, set()),
    ],
)
def test_the_filter_is_in_the_address(
    world: World, stock: dict[str, ApiKey], query: dict[str, str], expected: set[str]
) -> None:
    response = report(world, **query)
    assert set(names(response)) == expected
    assert response.context["total"] == len(expected)


def test_a_key_is_found_by_its_hint_and_by_its_id(world: World, stock: dict[str, ApiKey]) -> None:
    for text in (stock["idle"].secrets.get().hint, stock["idle"].public_id):
        assert names(report(world, q=text)) == ["idle"]


def test_nothing_found_and_nothing_there_read_differently(world: World) -> None:
    assert "matches this filter" in words(report(world, q="nobody-has-this"))
    assert "Nothing to do" in words(report(world, look="unused-90"))
    revoke_key(actor=Actor.of_user(world.owner), key=world.key)
    assert "No API keys yet" in words(report(world))


@pytest.mark.parametrize("look", ["", "unused-30", "creator-gone", "all"])
def test_one_row_and_thirty_cost_the_same_queries(world: World, look: str) -> None:
    client = signed_in(world.owner)
    hoard(world.research, world.former, 1, days=50)
    few = cost(client, world, look=look)
    hoard(world.production, world.former, 15, "more", days=60, used=31)
    hoard(world.research, world.external, 14, "others", days=60)
    assert len(cost(client, world, look=look)) == len(few) <= LIMIT


def cost(client: Client, world: World, **query: str) -> list[str]:
    client.get(address(world), query)
    with queries() as captured:
        assert client.get(address(world), query).status_code == 200
    return own_queries(captured)


@pytest.mark.parametrize("sort", SORTS)
def test_every_key_is_visited_once(world: World, sort: str) -> None:
    hoard(world.research, world.owner, 60, days=9, used=2)
    hoard(world.production, world.owner, 56, expires_at=timezone.now() + DAY)
    client, url, seen = signed_in(world.owner), f"?sort={sort}", []
    while url:
        response = client.get(address(world) + url)
        seen += [row.key.pk for row in response.context["rows"]]
        url = response.context["page"].next_url
    assert len(seen) == len(set(seen)) == 117


def test_sorts_turn_round_and_keep_the_filter(world: World, stock: dict[str, ApiKey]) -> None:
    assert names(report(world))[:3] == ["dead", "untouched", "idle"], "longest unused first"
    assert names(report(world, sort="name"))[:2] == ["dead", "fresh"]
    assert names(report(world, sort="-expires"))[0] == "notebooks"
    link = report(world, sort="name", look="unused-30").context["columns"]["name"].sort
    assert parse_qs(urlsplit(link.url).query) == {"sort": ["-name"], "look": ["unused-30"]}
