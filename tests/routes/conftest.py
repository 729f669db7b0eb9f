"""The walks over all routes also prove that statements fit everyone who runs them."""

import pytest

from tests.support.statements import compare_statements


@pytest.fixture(autouse=True)
def statements_are_compared(monkeypatch: pytest.MonkeyPatch) -> None:
    compare_statements(monkeypatch)
