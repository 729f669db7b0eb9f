"""Broken files: each is refused or rejected with a sentence; good rows come in, nothing wrong does."""

from pathlib import Path
from typing import Any

import pytest

from tests.usage.helpers.expected_totals import assert_totals_are_the_records
from tests.usage.helpers.import_files import HEADER, MAPS, imported, written
from tests.world import World
from usage.imports.readers import MAX_LINE_BYTES
from usage.models import UsageRecord

pytestmark = pytest.mark.django_db
GOOD = "2023-11-16 18:17:03.9799600,4808,10"
# Cells of a row in place of the good ones, and what is said of it.
ROWS = [
    ("soon,1,1", "TIMESTAMP: 'soon' is not a time: write it as 2026-11-23 08:15:30"),
    (",1,1", "TIMESTAMP: the time is missing"),
    ("2023-02-30 00:00:00,1,1", "TIMESTAMP: '2023-02-30 00:00:00' is not a time"),
    ("2023-11-16 25:00:00,1,1", "is not a time"),
    ("2023-11-16 10:00:60,1,1", "is not a time"),
    ("16/11/2023 10:00,1,1", "is not a time"),
    ("20231116,1,1", "is not a time"),
    ("1700158623979,1,1", "is not a time: for milliseconds since 1970, divide by 1000"),
    ("0000-01-01,1,1", "is not a time"),
    ("2023-11-16 10:00+99:00,1,1", "is not a time"),
    ("٢٠٢٣-11-16,1,1", "is not a time"),
    ("2999-01-01,1,1", "time: it is more than 5 minutes in the future."),
    ("2019-12-31,1,1", "input_tokens of serverless-inference has no price on 2019-12-31."),
    ("2023-11-16,1e,1", "ContextTokens: '1e': it is not a plain decimal such as 12.5"),
    ("2023-11-16,1.2345e3,1", "'1.2345e3': it is not a whole number, and a token can't be divided"),
    ("2023-11-16,1e-7,1", "it has more than 6 decimal places"),
    ("2023-11-16,1e99,1", "it is too large"),
    ("2023-11-16,NaN,1", "it is not a plain decimal"),
    ("2023-11-16,Infinity,1", "it is not a plain decimal"),
    ("2023-11-16,0x10,1", "it is not a plain decimal"),
    ("2023-11-16,1_000,1", "it is not a plain decimal"),
    ("2023-11-16,١٢,1", "it is not a plain decimal"),
    ('2023-11-16,"1,000",1', "it is not a plain decimal"),
    ("2023-11-16,-1,1", "ContextTokens: '-1': it is negative; an import can't reduce usage"),
    ("2023-11-16,1.234,1", "'1.234': it is not a whole number, and a token can't be divided"),
    ("2023-11-16,0.5,1", "'0.5': it is not a whole number"),
    ("2023-11-16,0.0000001,1", "it has more than 6 decimal places"),
    ("2023-11-16,9223372036854.775808,1", "it is too large"),
    ("2023-11-16," + "9" * 5000 + ",1", "it is not a plain decimal"),
    ("2023-11-16,,1", "ContextTokens: the quantity is missing"),
    ("2023-11-16,1,", "GeneratedTokens: the quantity is missing"),
    ("2023-11-16,1", "it has 2 cells, but the header has 3"),
    ("2023-11-16,1,1,1", "it has 4 cells, but the header has 3"),
    ('2023-11-16,"1,1', "a quoted cell is not closed"),
    ('2023-11-16,"1"1,1', "it is not CSV"),
    ("2023-11-16;1;1", "it has 1 cells"),
    ("2023-11-16,1,1\x00", "it contains a NUL character"),
    ("x" * MAX_LINE_BYTES, f"the line is longer than {MAX_LINE_BYTES:,} bytes"),
]
RAW = [
    (b"2023-11-16,1,\xe9t\xe9", "it is not UTF-8: byte 0xe9 at position 14"),
    (b"\xff\xfe1,2,3", "it is not UTF-8: byte 0xff at position 1"),
]
JSON = [
    ('{"TIMESTAMP": "2023-11-16", "ContextTokens": 1', "it is not complete JSON"),
    ("[1, 2, 3]", "it is not a JSON object"),
    ("null", "it is not a JSON object"),
    ('{"TIMESTAMP": "2023-11-16", "ContextTokens": 1}', "it has no GeneratedTokens"),
    (
        '{"TIMESTAMP": "2023-11-16", "ContextTokens": [1], "GeneratedTokens": 1}',
        "ContextTokens is neither text nor a number",
    ),
    (
        '{"TIMESTAMP": "2023-11-16", "ContextTokens": true, "GeneratedTokens": 1}',
        "ContextTokens is neither text nor a number",
    ),
    (
        '{"TIMESTAMP": "2023-11-16", "ContextTokens": 1.5e0, "GeneratedTokens": 1}',
        "ContextTokens: '1.5e0': it is not a whole number",
    ),
    (
        '{"TIMESTAMP": "2023-11-16", "ContextTokens": NaN, "GeneratedTokens": 1}',
        "ContextTokens: 'NaN': it is not a plain decimal",
    ),
    ('{"TIMESTAMP": "2023-11-16", "TIMESTAMP": "2023-11-17"}', "it has the same name twice"),
    ("[" * 100_000, "it is not complete JSON"),
]
GOOD_JSON = '{"TIMESTAMP": "2023-11-16", "ContextTokens": 1, "GeneratedTokens": 2}'
FILES = [
    (b"", "it is empty."),
    (b"\n \r\n", "it is empty."),
    (f"{HEADER}\n{GOOD}".encode("utf-16"), "it is UTF-16; save it as UTF-8."),
    (f"{HEADER}\n{GOOD}".encode("utf-16-le"), "its first line is not a header: it contains a NUL"),
    (f"{GOOD}\n{GOOD}".encode(), "it has no column TIMESTAMP (its first line is: 2023-11-16 18"),
    (b"TIMESTAMP,ContextTokens\n2023-11-16,1", "it has no column GeneratedTokens"),
    (f"{HEADER},TIMESTAMP\n{GOOD},x".encode(), "its header contains TIMESTAMP more than once."),
    (b"TIMESTAMP,Gr\xf6\xdfe\n", "its first line is not a header: it is not UTF-8: byte 0xf6"),
    (b'TIMESTAMP,"ContextTokens', "its first line is not a header: it is not CSV"),
    (b"\x7fELF\x02\x01\x01\x00", "its first line is not a header"),
]
OPTIONS: list[tuple[dict[str, Any], str]] = [
    ({"organization": "nowhere"}, "--organization: there is no organization nowhere."),
    ({"project": "nowhere"}, "--project: northwind has no project nowhere."),
    ({"project": "contoso-default"}, "--project: northwind has no project contoso-default."),
    (
        {"product": "mainframes"},
        "--product: there is no product mainframes. Choose one of instant-clusters,",
    ),
    ({"product": "volumes"}, "--map: volumes has no line item input_tokens. It has gb_hours."),
    ({"map": {}}, "--map: name the column with the time: --map timestamp=COLUMN."),
    (
        {"map": {"timestamp": "TIMESTAMP"}},
        "--map: name the columns that count input_tokens or output",
    ),
    ({"map": {"timestamp": ""}}, "--map: timestamp= is not WHAT=COLUMN"),
    ({"map": {**MAPS, "output_tokens": "ContextTokens"}}, "the column ContextTokens is mapped twi"),
    ({"map": {**MAPS, "model": "Model"}}, "--model: it applies to all rows"),
    ({"model": "with blank"}, "--model: pass at most 100 printable ASCII characters"),
    ({"timezone": "Mars/Olympus"}, "--timezone: there is no time zone Mars/Olympus"),
    ({"timezone": "../../etc/passwd"}, "--timezone: there is no time zone ../../etc/passwd"),
    ({"delimiter": "x"}, "--delimiter: pass a comma, a semicolon, a vertical bar (|) or tab."),
    ({"rejects": "/nowhere/at/all.csv"}, "--rejects: /nowhere/at/all.csv: No such file"),
]


@pytest.mark.parametrize(("row", "said"), [*ROWS, *RAW])
def test_a_bad_row_is_rejected_and_those_around_it_come_in(
    world: World, tmp_path: Path, row: str | bytes, said: str
) -> None:
    raw = row if isinstance(row, bytes) else row.encode()
    path = written(tmp_path, b"\n".join([HEADER.encode(), GOOD.encode(), raw, b"2023-11-16,1,2"]))
    done = imported(world, path)
    assert (done.status, done.error) == (1, "1 rows were rejected.")
    assert done.err.startswith("line 3: ")
    assert said in done.err
    assert "3 rows read, 4 events accepted, 0 already imported, 1 rows rejected" in done.out
    kept = (tmp_path / "trace.csv.rejects.csv").read_text()
    assert kept.splitlines()[1].startswith("3,")
    assert UsageRecord.objects.count() == 4
    assert_totals_are_the_records()


@pytest.mark.parametrize(("row", "said"), JSON)
def test_a_bad_line_of_json_is_rejected(world: World, tmp_path: Path, row: str, said: str) -> None:
    path = written(tmp_path, f"{GOOD_JSON}\n{row}\n\n{GOOD_JSON}".encode(), "rows.jsonl")
    done = imported(world, path)
    assert f"line 2: {said}" in done.err
    assert "3 rows read, 4 events accepted, 0 already imported, 1 rows rejected" in done.out
    assert UsageRecord.objects.count() == 4


@pytest.mark.parametrize(("content", "said"), FILES)
def test_a_file_without_a_header_that_fits_is_refused(
    world: World, tmp_path: Path, content: bytes, said: str
) -> None:
    path = written(tmp_path, content)
    done = imported(world, path)
    assert (done.status, done.out) == (2, "")
    assert done.error.startswith(f"{path}: {said}")
    assert list(tmp_path.iterdir()) == [path]
    assert not UsageRecord.objects.exists()


@pytest.mark.parametrize(("options", "said"), OPTIONS)
def test_an_option_that_cannot_be_is_named(
    world: World, tmp_path: Path, options: dict[str, Any], said: str
) -> None:
    done = imported(world, written(tmp_path, [GOOD]), **options)
    assert (done.status, done.out) == (2, "")
    assert said in done.error
    assert not UsageRecord.objects.exists()


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("missing.csv", ": No such file or directory."),
        ("folder.csv", ": Is a directory."),
        ("trace.xlsx", "--format: the name trace.xlsx does not imply it. Pass csv or jsonl."),
    ],
)
def test_what_is_no_file_of_rows_is_refused(
    world: World, tmp_path: Path, name: str, said: str
) -> None:
    (tmp_path / "folder.csv").mkdir()
    (tmp_path / "trace.xlsx").write_bytes(b"PK\x03\x04")
    done = imported(world, tmp_path / name)
    assert done.status == 2
    assert said in done.error


def test_an_empty_file_of_json_is_refused_and_one_with_a_header_alone_has_no_rows(
    world: World, tmp_path: Path
) -> None:
    assert imported(world, written(tmp_path, b"\n", "a.jsonl")).error.endswith(": it is empty.")
    assert imported(world, written(tmp_path, [])).out.startswith("0 rows read, 0 events accepted")


def test_a_quote_that_is_never_closed_costs_its_own_line(world: World, tmp_path: Path) -> None:
    rows = ['2023-11-16,"1,1', *(f"2023-11-17 10:{n // 60:02}:{n % 60:02},1,1" for n in range(500))]
    rows += ['2023-11-18,"2,2', "2023-11-18,3,3", '2023-11-18,"4,4', "2023-11-18,5,5"]
    done = imported(world, written(tmp_path, rows))
    assert "505 rows read, 1,004 events accepted, 0 already imported, 3 rows rejected" in done.out


def test_a_file_that_is_no_reject_file_is_not_overwritten(world: World, tmp_path: Path) -> None:
    path = written(tmp_path, [GOOD])
    done = imported(world, path, rejects=path)
    assert done.error == f"--rejects: {path}: it exists and is not a file of rejected rows."
    assert path.read_text().endswith(GOOD)


def test_the_first_twenty_are_said_and_all_are_kept(world: World, tmp_path: Path) -> None:
    done = imported(world, written(tmp_path, ["soon,1,1"] * 30))
    assert done.err.count("line ") == 20
    assert "… and more lines" in done.err
    assert len((tmp_path / "trace.csv.rejects.csv").read_text().splitlines()) == 31
