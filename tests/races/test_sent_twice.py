"""A creating form sent from two tabs at the same moment: one thing is created, and both lead to it."""

from functools import partial
from typing import Any

import pytest
from django.urls import reverse

from projects.models import Project
from tests.races.at_once import assert_rules_hold, at_once
from tests.support.pages import signed_in
from tests.world import World

pytestmark = pytest.mark.django_db(transaction=True)


def test_both_lead_to_the_one_project(world: World, rounds: range) -> None:
    world.organization.project_limit = 10_000
    world.organization.save(update_fields=["project_limit"])
    path = reverse("project_new", args=[world.organization.slug])
    browsers = [signed_in(world.owner) for _ in range(3)]
    for number in rounds:
        data = {"name": f"Round {number}", "form_token": f"round{number}"}
        responses: list[Any] = at_once([partial(browser.post, path, data) for browser in browsers])
        assert {response.status_code for response in responses} == {302}
        (url,) = {response["Location"] for response in responses}
        project = Project.objects.get(name=f"Round {number}")
        assert url == reverse("project", args=[project.slug])
    assert_rules_hold()
