"""Each printed page says which organization, project and period it is about."""

from urllib.parse import quote

import pytest

from tests.browser.windows import Windows
from tests.world import World

pytestmark = pytest.mark.browser
HEAD = "document.querySelector('.print-head')"


@pytest.mark.parametrize(
    ("url", "text"),
    [
        (
            "/settings/projects/research/usage/?start=2026-01-01&end=2026-01-31",
            "Northwind · Research · Usage · 1 – 31 Jan 2026 (UTC)",
        ),
        (
            "/settings/organization/northwind/cost-analytics/?start=2026-01-01&end=2026-01-31",
            "Northwind · Cost analytics · 1 – 31 Jan 2026 (UTC)",
        ),
        (
            f"/settings/organization/northwind/audit-log/?since={quote('2026-01-01')}",
            "Northwind · Audit log · from 1 Jan 2026 (UTC)",
        ),
        ("/settings/organization/northwind/audit-log/", "Northwind · Audit log · all days"),
        ("/settings/projects/research/api-keys/", "Northwind · Research · API keys"),
    ],
)
def test_the_head_is_printed_alone(world: World, windows: Windows, url: str, text: str) -> None:
    page = windows.open(world.owner)
    page.goto(url)
    assert not page.evaluate(f"{HEAD}.checkVisibility()")
    page.emulate_media(media="print")
    assert " ".join(page.evaluate(f"{HEAD}.textContent").split()) == text
    assert page.evaluate(f"{HEAD}.checkVisibility()")
    # The head of a table is repeated on each page.
    assert page.evaluate(f"getComputedStyle({HEAD}).display") == "table-header-group"
    assert page.evaluate("getComputedStyle(document.body).display") == "table"
