"""Files that cannot be read as they are: one sentence that says what to do, not a reject for each line."""

import bz2
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from tests.usage.helpers.import_files import HEADER, MAPS, imported, written
from tests.world import World
from usage.models import UsageRecord

pytestmark = pytest.mark.django_db
ROWS = [{"TIMESTAMP": "2023-11-16", "ContextTokens": n, "GeneratedTokens": 1} for n in range(30)]
GOOD = f"{HEADER}\n2023-11-16,1,2\n"
WITH_SEMICOLONS = GOOD.replace(",", ";")
SEMICOLON = "its cells are separated by ';'. Pass --delimiter ';'."
FILES: list[tuple[str, bytes, str]] = [
    ("a.jsonl", json.dumps(ROWS).encode(), "it is one JSON document."),
    ("a.json", json.dumps(ROWS, indent=2).encode(), "it is one JSON document."),
    ("a.json", json.dumps({"data": ROWS}, indent=2).encode(), "it is one JSON document."),
    ("a.json", json.dumps(ROWS).replace("}, ", "},\n").encode(), "it is one JSON document."),
    ("a.csv", gzip.compress(GOOD.encode(), mtime=0), "it is packed with gzip. Unpack it first"),
    ("a.csv.gz", gzip.compress(GOOD.encode(), mtime=0), "it is packed with gzip. Unpack it first"),
    ("a.jsonl", gzip.compress(GOOD.encode(), mtime=0), "it is packed with gzip. Unpack it first"),
    ("a.csv", bz2.compress(GOOD.encode()), "it is packed with bzip2."),
    ("a.csv", b"PK\x03\x04more", "it is a zip archive or a spreadsheet."),
    ("a.csv", WITH_SEMICOLONS.encode(), SEMICOLON),
    ("a.csv", b"\xef\xbb\xbf" + WITH_SEMICOLONS.encode(), SEMICOLON),
    ("a.csv", b'"TIMESTAMP";"ContextTokens";"GeneratedTokens"\n', SEMICOLON),
    ("a.csv", b"sep=;\n" + WITH_SEMICOLONS.encode(), SEMICOLON),
    ("a.csv", b'"sep=;"\r\n' + WITH_SEMICOLONS.encode(), SEMICOLON),
    ("a.csv", GOOD.replace(",", "\t").encode(), "its cells are separated by tab. Pass --delimiter"),
    ("a.tsv", GOOD.encode(), "its cells are separated by ','. Pass --delimiter ','."),
]


@pytest.mark.parametrize(("name", "content", "said"), FILES)
def test_a_file_of_another_kind_is_refused_with_what_to_do(
    world: World, tmp_path: Path, name: str, content: bytes, said: str
) -> None:
    path = written(tmp_path, content, name)
    done = imported(world, path)
    assert (done.status, done.out, done.err) == (2, "", "")
    assert done.error.startswith(f"{path}: {said}")
    assert list(tmp_path.iterdir()) == [path]


def test_a_line_that_names_the_separator_is_no_header(world: World, tmp_path: Path) -> None:
    path = written(tmp_path, f"sep=;\n{WITH_SEMICOLONS}".encode())
    assert "1 rows read, 2 events accepted" in imported(world, path, delimiter=";").out


def test_empty_cells_are_zero_if_asked_for(world: World, tmp_path: Path) -> None:
    rows = ["2023-11-16,5,", "2023-11-17,,6", "2023-11-18,-,6"]
    options: dict[str, Any] = {"map": MAPS}
    done = imported(world, written(tmp_path, rows), **options)
    assert (done.status, UsageRecord.objects.count()) == (1, 0)
    done = imported(world, written(tmp_path, rows[:2]), "--empty-as-zero", **options)
    assert (done.status, UsageRecord.objects.count()) == (0, 4)
    assert "input_tokens 5, output_tokens 6" in done.out
    assert "1 rows rejected" in imported(world, written(tmp_path, rows), "--empty-as-zero").out


def test_former_slugs_name_a_project_too(world: World, tmp_path: Path) -> None:
    former = world.research.slug
    world.research.slug = "science"
    world.research.save(update_fields=["slug"])
    path = written(tmp_path, GOOD.encode())
    assert "2 events accepted" in imported(world, path, project=former).out
    assert "2 already imported" in imported(world, path, project="science").out
    assert imported(world, path, project=world.other_project.slug).status == 2
