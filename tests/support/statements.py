"""A check for whole walks: statements compiled once equal those compiled now."""

from typing import Any

import pytest

from accounts.access.statements import Statement, list_values

# Their values differ from moment to moment: the positions of the time and the date in `list_values`.
TIMES = (0, 1)


def compare_statements(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes each run of a statement also compile its queryset anew, and fail if SQL or values differ."""
    run = Statement.__call__

    def compare_and_run(self: Statement[Any], *arguments: Any, **lookup: Any) -> list[Any]:
        compiled = self.find_compiled(arguments, lookup)
        if compiled is not None:
            sql, fresh = self.build(*arguments, **lookup).query.sql_with_params()
            bound = compiled.bind(list_values((*arguments, *lookup.values())))
            assert compiled.sql == sql
            for position, old, new in zip(compiled.sources, bound, fresh, strict=True):
                assert old == new or position in TIMES, (self, sql)
        return run(self, *arguments, **lookup)

    monkeypatch.setattr(Statement, "__call__", compare_and_run)
