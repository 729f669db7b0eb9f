"""The list of reserved words that documents show is the one that holds."""

import re

from accounts.validators import RESERVED_SLUGS
from tests.checks.source import ROOT


def test_the_documented_words_are_the_reserved_ones() -> None:
    text = (ROOT / "docs" / "reserved-words.md").read_text()
    assert set(re.findall(r"`([^`]+)`", text)) == RESERVED_SLUGS
