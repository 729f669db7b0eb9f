"""Wherever a role is chosen, each is explained beside its name."""

import pytest
from django.urls import reverse

from accounts.members.role_choices import (
    ORGANIZATION_ROLE_DESCRIPTIONS,
    PROJECT_ROLE_DESCRIPTIONS,
)
from tests.support.pages import signed_in, words
from tests.world import World, build_world

pytestmark = pytest.mark.django_db


def test_each_role_is_explained_where_it_is_chosen() -> None:
    world: World = build_world()
    browser = signed_in(world.owner)
    research, northwind = world.research.slug, world.organization.slug
    row, person = world.project_member_row.public_id, world.member.public_id
    for url, descriptions in {
        reverse("collaborator_add", args=[research]): PROJECT_ROLE_DESCRIPTIONS,
        reverse("collaborator_role", args=[research, row]): PROJECT_ROLE_DESCRIPTIONS,
        reverse("member_invite", args=[northwind]): ORGANIZATION_ROLE_DESCRIPTIONS,
        reverse("member_role", args=[northwind, person]): ORGANIZATION_ROLE_DESCRIPTIONS,
    }.items():
        text = words(browser.get(url))
        assert [one for one in descriptions.values() if one not in text] == [], url
