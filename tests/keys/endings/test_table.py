"""The tables of docs/security.md: what each action ends of all that was granted, for good or for a while."""

import re

import pytest

from tests.checks.source import ROOT
from tests.keys.helpers.endings import ENDINGS
from tests.keys.helpers.grants import GRANTS
from tests.world import World

pytestmark = pytest.mark.django_db
# The Owner alone can make an offer, and neither leaves nor is demoted.
OF_THE_OWNER = "Offer of ownership from the person"


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line[1:-1].split("|")]


def read_table() -> dict[tuple[str, str], str]:
    """What the tables say, by the names of a row and of a column."""
    text = (ROOT / "docs" / "security.md").read_text()
    section = text.partition("## What ends with what\n")[2].partition("\n## ")[0]
    table: dict[tuple[str, str], str] = {}
    for block in re.findall(r"(?:^\|.*\|\n)+", section, re.MULTILINE):
        head, _, *rows = block.splitlines()
        columns = cells(head)[1:]
        for row, *values in map(cells, rows):
            table |= {(row, column): value for column, value in zip(columns, values, strict=True)}
    return table


TABLE = read_table()


def test_the_table_names_every_grant_and_every_action_and_nothing_else() -> None:
    assert set(TABLE) == {(grant, ending) for grant in GRANTS for ending in ENDINGS}
    assert set(TABLE.values()) == {"ends", "paused", "stays", "–"}


@pytest.mark.parametrize(("grant", "ending"), [pair for pair, says in TABLE.items() if says != "–"])
def test_a_grant_ends_as_the_table_says(world: World, grant: str, ending: str) -> None:
    says, action = TABLE[grant, ending], ENDINGS[ending]
    user = getattr(world, "owner" if grant == OF_THE_OWNER else action.who)
    is_usable = GRANTS[grant](world, user)
    action.act(world, user)
    assert is_usable() == (says == "stays")
    if action.undo and says != "stays":
        action.undo(world, user)
        assert is_usable() == (says == "paused")
