"""The report as a file: exactly what its filter lets through, in cells that no spreadsheet runs."""

import csv
import io
from typing import Any

import pytest
from django.urls import reverse

from accounts.actors import Actor
from keys.api_keys.services import revoke_key, rotate_key
from keys.models import ApiKey
from tests.keys.helpers.factories import hoard, one
from tests.support.clock import DAY
from tests.support.pages import own_queries, queries, signed_in
from tests.world import World

pytestmark = pytest.mark.django_db


def exported(world: World, **query: str) -> list[dict[str, str]]:
    path = reverse("organization_keys", args=[world.organization.slug])
    response = signed_in(world.owner).get(path, {**query, "format": "csv"})
    assert response.status_code == 200
    assert response.streaming
    assert response["Content-Type"].startswith("text/csv")
    assert 'filename="api-keys-northwind.csv"' in response["Content-Disposition"]
    return list(csv.DictReader(io.StringIO(b"".join(response).decode())))


def listed(world: World, **query: str) -> list[str]:
    path = reverse("organization_keys", args=[world.organization.slug])
    rows = signed_in(world.owner).get(path, query).context["rows"]
    return [row.key.public_id for row in rows]


@pytest.mark.parametrize(
    "query",
    [
        {},
        {"look": "unused-30", "sort": "-name"},
        {"look": "all", "project": "production"},
        {"q": "more", "sort": "expires"},
        {"look": "creator-gone"},
    ],
)
def test_it_holds_what_the_page_lists_in_the_same_order(
    world: World, query: dict[str, str]
) -> None:
    hoard(world.research, world.former, 9, days=50)
    hoard(world.production, world.owner, 9, "more", days=60, used=31)
    assert [line["key id"] for line in exported(world, **query)] == listed(world, **query)


def test_it_goes_on_beyond_a_page_at_a_few_queries(world: World) -> None:
    hoard(world.research, world.owner, 120)
    with queries() as captured:
        assert len(exported(world)) == 121
    assert len(own_queries(captured)) <= 10


def test_a_line_says_all_there_is_to_know(world: World) -> None:
    revoke_key(actor=Actor.of_user(world.owner), key=world.key)
    (line,) = exported(world, look="all")
    key = ApiKey.objects.get(pk=world.key.pk)
    assert line == {
        "key id": key.public_id,
        "name": "notebooks",
        "project": "Research",
        "project slug": "research",
        "hint": key.secrets.get().hint,
        "status": "Revoked",
        "created by": "Project.Member".replace(".", " "),
        "creator's address": "project.member@northwind.example",
        "creator gone": "",
        "created (UTC)": key.created_at.isoformat(timespec="seconds"),
        "last used (UTC)": "",
        "expires (UTC)": "",
        "revoked (UTC)": key.revoked_at.isoformat(timespec="seconds"),
        "revoked because": "",
    }


@pytest.mark.parametrize("name", ["=1+1", "+x", "-x", "@x", "＝x"])
def test_no_cell_is_a_formula(world: World, name: str) -> None:
    one(world.research, world.owner, name)
    assert f"'{name}" in [line["name"] for line in exported(world)]


def test_it_has_no_secret(world: World) -> None:
    new: Any = rotate_key(actor=Actor.of_user(world.owner), key=world.key, overlap=DAY)
    text = str(exported(world, look="all"))
    assert new.secret not in text
    assert world.key_secret not in text


def test_a_deleted_creator_has_no_address(world: World) -> None:
    one(world.research, world.former, "theirs")
    world.former.anonymise()
    (line,) = exported(world, look="creator-gone")
    assert (line["created by"], line["creator's address"], line["creator gone"]) == (
        "Deleted user",
        "",
        "yes",
    )
