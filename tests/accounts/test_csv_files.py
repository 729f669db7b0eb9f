"""Cells of CSV files: no spreadsheet takes one for a formula, whichever separator it splits at."""

import csv
import io
import re
from typing import Any

import pytest

from accounts.web.csv_files import Number, csv_response, format_cell, format_line

SIGNS = "=+-@＝＋－＠"


@pytest.mark.parametrize("sign", SIGNS)
@pytest.mark.parametrize("before", ["", "a,", "a;", "a\t", "a\n", "a\r\n", "a|", ";", '"', 'a;"'])
def test_no_sign_starts_a_cell_at_any_separator(before: str, sign: str) -> None:
    line = format_line(["first", f"{before}{sign}1+1", "last"])
    for cell in re.split(r"[,;|\t\r\n]", line):
        assert not cell.lstrip('"').startswith(tuple(SIGNS))


def test_cells_with_a_separator_are_quoted_and_read_back_whole() -> None:
    cells = ["a;b", "a\tb", "a|b", 'a"b', "a\nb", "a,b", "plain", ""]
    line = format_line(cells)
    assert list(csv.reader(io.StringIO(line, newline=""))) == [cells]
    assert '"a;b","a\tb","a|b"' in line


@pytest.mark.parametrize("text", ["a - b", "a=b", "x, -y", "Ärzte", "a;b", "1-2", '{"a": -1}'])
def test_other_text_stays_as_it_is(text: str) -> None:
    assert format_cell(text) == text


def test_numbers_keep_their_sign() -> None:
    assert format_line([Number("-1.5"), None, 7]) == "-1.5,,7\n"


@pytest.mark.parametrize(("for_excel", "beginning"), [(True, b"\xef\xbb\xbfa"), (False, b"a")])
def test_only_the_file_for_excel_starts_with_a_mark(for_excel: bool, beginning: bytes) -> None:
    response: Any = csv_response("x.csv", [["a", "b"]], for_excel=for_excel)
    assert b"".join(response).startswith(beginning)
