"""Tags that readers of a usage page may not know are neither shown, offered nor found by guessing."""

import pytest
from django.urls import reverse

from tests.support.pages import signed_in, words
from tests.usage.helpers.factories import used
from tests.usage.helpers.tags import tagged
from tests.usage.reports.test_tags import FIRST, TENTH, groups, page
from tests.world import World, issued

pytestmark = pytest.mark.django_db


def test_readers_of_the_default_project_learn_no_tags_of_projects_they_cannot_open(
    world: World,
) -> None:
    secretive = issued(world.production, world.owner, "deploy").key
    tagged(world.production, "customer", "Merger Corp", FIRST)
    tagged(secretive, "team", "takeover", FIRST)
    tagged(world.research, "customer", "Acme", FIRST)
    for key in (world.key, secretive):
        used(key, TENTH, project=world.default)
    for person, shown in (
        ("owner", {"Acme": "$0.88", "Merger Corp": "$0.88"}),
        ("project_member", {"Acme": "$0.88", "Merger Corp": "$0.88"}),
        ("project_admin", {"Acme": "$0.88", "No value": "$0.88"}),
        ("member", {"No value": "$1.76"}),
    ):
        response = page(world, "default", person, group_by="tag:customer")
        assert groups(response) == shown
        sees = "Merger Corp" in shown
        for query in ({}, {"group_by": "tag:team"}, {"find": "e"}):
            text = page(world, "default", person, **query).content.decode()
            named = query.get("group_by") == "tag:team"
            assert ("Tag team" in text) is (sees or named), (person, query)
            assert ("takeover" in text) is (sees and named)
        probe = page(world, "default", person, **{"tag:customer": "Merger Corp"})
        assert probe.status_code == (200 if sees else 422)
        url = reverse("usage_filter", args=[world.default.slug])
        options = signed_in(getattr(world, person)).get(url).content.decode()
        assert ("Merger Corp" in options) is sees
        assert ("takeover" in options) is sees


def test_a_project_offers_its_own_tags_alone(world: World) -> None:
    tagged(world.production, "customer", "Acme", FIRST)
    tagged(world.key, "team", "search", FIRST)
    shown = words(page(world, "research"))
    assert "Tag team" in shown
    assert "Tag customer" not in shown
