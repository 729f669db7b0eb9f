"""The theme is the one chosen, on the console's own pages and in Django admin."""

import pytest

from tests.browser.inspection import TEXT_COLORS
from tests.browser.windows import Windows
from tests.world import World

pytestmark = pytest.mark.browser
TEXT_COLOR = "getComputedStyle(document.body).color"


@pytest.mark.parametrize(("person", "address"), [("owner", "/roles/"), ("staff", "/admin/")])
def test_the_theme_is_the_one_chosen_or_else_the_systems(
    world: World, windows: Windows, person: str, address: str
) -> None:
    colors = {}
    for theme, scheme in (("light", "dark"), ("dark", "light"), ("system", "dark")):
        page = windows.open(getattr(world, person), theme, color_scheme=scheme)
        page.goto(address)
        colors[theme] = page.evaluate(TEXT_COLOR)
    assert colors == {**TEXT_COLORS, "system": TEXT_COLORS["dark"]}


def test_the_theme_can_be_chosen_in_django_admin(world: World, windows: Windows) -> None:
    page = windows.open(world.staff, "light")
    page.goto("/admin/accounts/user/?q=north")
    page.get_by_role("button", name="Dark").click()
    assert page.url.endswith("/admin/accounts/user/?q=north")
    assert page.evaluate(TEXT_COLOR) == TEXT_COLORS["dark"]
