"""No page breaks the Content-Security-Policy it is sent with, no script fails, no file is missing.

The console's own pages are looked at by the walk of test_narrow.py, those of Django admin here.
"""

import pytest

from tests.browser.addresses.admin import of_admin
from tests.browser.addresses.every_page import Visit, walk
from tests.browser.conftest import POLICY, Windows
from tests.world import World

pytestmark = pytest.mark.browser


def test_no_page_of_django_admin_breaks_its_policy(world: World, windows: Windows) -> None:
    looked_at = [page.url for page in walk(windows, [Visit(world.staff, of_admin(world))])]
    assert all("/admin/" in url for url in looked_at)
    assert not windows.complaints


def test_a_style_in_the_page_would_be_noticed(windows: Windows) -> None:
    page = windows.open()
    page.goto("/accounts/login/")
    page.evaluate("document.body.setAttribute('style', 'color: red')")
    page.wait_for_timeout(100)
    assert any(POLICY in complaint for complaint in windows.complaints)
