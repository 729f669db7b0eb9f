"""Files whose other columns say that their rows are of several products or units are refused as a whole."""

import json
import os
import threading
from pathlib import Path
from typing import Any

import pytest

from tests.database.refusals import all_rows
from tests.usage.helpers.event_client import event, pipe, results
from tests.usage.helpers.import_files import imported, written
from tests.world import World
from usage.models import UsageRecord

pytestmark = pytest.mark.django_db
UNITS = {"timestamp": "day", "output_tokens": "units"}
HEADER = "day,product,line item,model,unit,units"
TOKENS = "2023-11-16,serverless-inference,output_tokens,llama,token,128"


def tried(world: World, tmp_path: Path, *rows: str, name: str = "costs.csv", **options: Any) -> Any:
    path = written(tmp_path, "\n".join(rows).encode(), name)
    given: dict[str, Any] = {"map": UNITS, "model": None, **options}
    return imported(world, path, **given)


def test_the_consoles_own_cost_file_is_not_taken_for_one_of_tokens(
    world: World, tmp_path: Path, client: Any
) -> None:
    secret = pipe(world)
    hours = {"product": "volumes", "line_item": "gb_hours", "unit": "gb-hour", "dimensions": None}
    results(secret, event(world), event(world, id="b", **hours))
    client.force_login(world.owner)
    page = f"/settings/organization/{world.organization.slug}/cost-analytics/"
    answer = client.get(page, {"format": "csv", "range": "month"})
    content = b"".join(answer.streaming_content)
    assert b"gb-hour" in content
    path = written(tmp_path, content, "costs.csv")
    before = all_rows()
    columns = {"timestamp": "day (UTC)", "output_tokens": "units"}
    done = imported(world, path, map=columns, model=None)
    assert (done.status, done.out) == (2, "")
    assert "its column product says volumes, but it is mapped to serverless-inference" in done.error
    assert all_rows() == before


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("2023-11-16,volumes,gb_hours,,gb-hour,12", "its column product has several values, such"),
        (
            "2023-11-16,serverless-inference,input_tokens,,token,12",
            "its column line item has several values, such as output_tokens and input_tokens",
        ),
        (
            "2023-11-16,serverless-inference,output_tokens,,1K tokens,12",
            "its column unit has several values, such as token and 1K tokens",
        ),
    ],
)
def test_rows_that_differ_in_what_they_are_of_are_refused_before_any_is_stored(
    world: World, tmp_path: Path, row: str, said: str
) -> None:
    done = tried(world, tmp_path, HEADER, *[TOKENS] * 2000, row)
    assert done.status == 2
    assert said in done.error
    assert "Import the rows of each" in done.error
    assert not UsageRecord.objects.exists()


@pytest.mark.parametrize(
    ("header", "row", "said"),
    [
        ("day,Unit,units", "2023-11-16,GB-hours,5", "says GB-hours, but it is mapped to token"),
        ("day,UoM,units", "2023-11-16,gpu_hour,5", "says gpu_hour, but it is mapped to token"),
        ("day,Service Name,units", "2023-11-16,Volumes,5", "but it is mapped to serverless-infer"),
        ("day,sku,units", "2023-11-16,Input tokens,5", "but it is mapped to output_tokens"),
    ],
)
def test_a_column_that_names_something_else_in_the_catalogue_is_refused(
    world: World, tmp_path: Path, header: str, row: str, said: str
) -> None:
    done = tried(world, tmp_path, header, row)
    assert done.status == 2
    assert said in done.error


@pytest.mark.parametrize(
    ("header", "rows"),
    [
        ("day,unit,units", ["2023-11-16,token,5", "2023-11-17,Tokens,6", "2023-11-18,,7"]),
        ("day,product,units", ["2023-11-16,Serverless inference,5"]),
        ("day,product,units", ["2023-11-16,our own name for it,5"]),
        ("day,unit,units", ["2023-11-16,1,5", "2023-11-17,2,6"]),  # another number
        ("day,note,units", ["2023-11-16,a,5", "2023-11-17,b,6"]),
        ("day,model,units", ["2023-11-16,a,5", "2023-11-17,b,6"]),
    ],
)
def test_columns_that_agree_or_say_something_else_do_no_harm(
    world: World, tmp_path: Path, header: str, rows: list[str]
) -> None:
    done = tried(world, tmp_path, header, *rows)
    assert (done.status, UsageRecord.objects.count()) == (0, len(rows))


def test_a_column_that_is_mapped_is_no_other_column(world: World, tmp_path: Path) -> None:
    maps = {"timestamp": "day", "output_tokens": "units", "model": "sku"}
    done = tried(world, tmp_path, "day,sku,units", "2023-11-16,a,5", "2023-11-17,b,6", map=maps)
    assert done.status == 0
    assert "any model: a (output_tokens), b (output_tokens)." in done.out


def test_json_lines_are_held_against_their_other_names(world: World, tmp_path: Path) -> None:
    rows = [
        {"day": "2023-11-16", "units": 5, "unit": "token", "more": {"unit": "gb-hour"}},
        {"day": "2023-11-17", "units": 5, "unit": 7},
        {"day": "2023-11-18", "units": 5, "unit": "GB-hours"},
    ]
    lines = [json.dumps(row) for row in rows]
    done = tried(world, tmp_path, *lines, name="costs.jsonl")
    assert (done.status, UsageRecord.objects.count()) == (2, 0)
    assert "its column unit has several values, such as token and GB-hours" in done.error
    done = tried(world, tmp_path, *lines[:2], name="costs.jsonl")
    assert (done.status, UsageRecord.objects.count()) == (0, 2)


def test_what_comes_through_a_pipe_is_read_twice_too(world: World, tmp_path: Path) -> None:
    pipes = tmp_path / "pipe.csv"
    for rows, status in (([TOKENS], 0), ([TOKENS, TOKENS.replace("token,", "gb-hour,")], 2)):
        os.mkfifo(pipes)
        text = "\n".join([HEADER, *rows])
        writer = threading.Thread(target=pipes.write_text, args=(text,))
        writer.start()
        assert imported(world, pipes, map=UNITS, model=None).status == status
        writer.join()
        pipes.unlink()
    assert UsageRecord.objects.count() == 1


def test_models_without_a_price_of_their_own_are_named(world: World, tmp_path: Path) -> None:
    rows = [
        "2023-11-16,llama-3.1-8b,5",
        "2023-11-17,Llama-3.1-8B,5",
        "2023-11-17,mine,5",
        "2023-11-18,,5",
    ]
    maps = {**UNITS, "model": "model"}
    done = tried(world, tmp_path, "day,model,units", *rows, map=maps)
    assert "any model: mine (output_tokens)." in done.out
    again = tried(world, tmp_path, "day,model,units", *rows, map=maps)
    assert "price of their own" not in again.out  # nothing was added
    many = [f"2023-11-16,model-{n:02},5" for n in range(30)]
    done = tried(world, tmp_path, "day,model,units", *many, map=maps)
    assert done.out.endswith("model-19 (output_tokens) and 10 more.\n")
