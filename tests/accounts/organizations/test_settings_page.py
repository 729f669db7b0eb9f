"""The settings of an organization promise of support only what its form can change."""

import re

import pytest
from django.urls import reverse

from accounts.admin import LimitsForm
from tests.support.pages import signed_in
from tests.world import World

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("role", ["owner", "admin", "member"])
def test_what_support_sets_is_what_its_form_has(world: World, role: str) -> None:
    path = reverse("organization_settings", args=[world.organization.slug])
    page = signed_in(getattr(world, role)).get(path).content.decode()
    card = page[page.index("Set by support") :].partition("</dl>")[0]
    assert re.findall(r"<dt>(.*?)</dt>", card) == ["Project limit", "External collaborators"]
    assert set(LimitsForm.base_fields) - {"note"} == {
        "project_limit",
        "external_collaborators_enabled",
    }
