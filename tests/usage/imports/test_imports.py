"""History is imported from files: exactly, once, and to where it was meant to go."""

import datetime as dt
import json
from decimal import Decimal
from pathlib import Path

import pytest
from django.utils import timezone

from accounts.models import AuditEvent
from tests.database.refusals import all_rows
from tests.usage.helpers.expected_totals import assert_totals_are_the_records, sum_by_column
from tests.usage.helpers.import_files import HEADER, MAPS, expected_cost, imported, trace, written
from tests.world import World
from usage.amounts import COST_DIGITS, to_decimal
from usage.enums import Reason
from usage.imports.importer import BATCH
from usage.models import DailyTotal, Series, UsageRecord

pytestmark = pytest.mark.django_db


def sums() -> dict[str, int]:
    """Whole units by line item."""
    totals = sum_by_column(DailyTotal.objects, "line_item__code")
    return {code: amounts.quantity // 10**6 for code, amounts in totals.items()}


def test_a_trace_comes_in_whole_and_costs_what_decimal_arithmetic_says(
    world: World, tmp_path: Path
) -> None:
    lines = trace()
    done = imported(world, written(tmp_path, lines))
    asked = [sum(int(line.split(",")[cell]) for line in lines) for cell in (1, 2)]
    assert sums() == dict(zip(("input_tokens", "output_tokens"), asked, strict=True))
    found = DailyTotal.objects.sum_all()
    assert to_decimal(found.cost, COST_DIGITS) == expected_cost(lines)
    assert found.requests == len(lines)
    assert (done.status, done.err) == (0, "")
    assert done.out == (
        f"200 rows read, 400 events accepted, 0 already imported, 0 rows rejected; "
        f"input_tokens {asked[0]:,}, output_tokens {asked[1]:,}, "
        f"cost {expected_cost(lines).normalize()} USD\n"
        "These models have no price of their own for what was counted, so they got the price for any "
        "model: llama-3.3-70b (input_tokens, output_tokens).\n"
    )
    assert_totals_are_the_records()


@pytest.mark.parametrize(
    ("project", "product", "place", "reason"),
    [
        ("research", "serverless-inference", "research", Reason.TOKEN_PROJECT),
        (None, "serverless-inference", "default", Reason.NO_PROJECT),
        ("research", "playground", "default", Reason.PLAYGROUND),
        ("research", "evaluations", "default", Reason.PRODUCT_NOT_MULTI_PROJECT),
    ],
)
def test_history_lands_by_the_rules(
    world: World, tmp_path: Path, project: str | None, product: str, place: str, reason: Reason
) -> None:
    maps = {"timestamp": "TIMESTAMP", "judged_tokens": "ContextTokens"}
    imported(
        world,
        written(tmp_path, trace(5)),
        project=project and getattr(world, project).slug,
        product=product,
        map=maps if product == "evaluations" else MAPS,
    )
    rows = Series.objects.values_list("project_id", "intended_project_id", "reason").distinct()
    meant = getattr(world, project).pk if project else None
    assert list(rows) == [(getattr(world, place).pk, meant, reason)]


def test_a_second_import_adds_nothing_and_a_grown_file_only_what_is_new(
    world: World, tmp_path: Path
) -> None:
    path = written(tmp_path, trace()[:150])
    imported(world, path)
    before = all_rows()
    assert "0 events accepted, 300 already imported" in imported(world, path).out
    assert all_rows() == before
    again = imported(world, written(tmp_path, [*trace(), trace()[-1]]))
    assert "201 rows read, 102 events accepted, 300 already imported" in again.out
    assert_totals_are_the_records()


def test_rows_are_known_again_however_the_file_writes_them(world: World, tmp_path: Path) -> None:
    lines = trace()
    imported(world, written(tmp_path, lines))
    rows = []
    for line in reversed(lines):
        time, context, generated = line.split(",")
        rows.append(f'"{generated}.00",note, {time.replace(" ", "T")} ,"0{context}"')
    header = "GeneratedTokens,Remark, TIMESTAMP ,ContextTokens"
    raw = b"\xef\xbb\xbf" + "\r\n".join([header, *rows, ""]).encode()
    assert "0 events accepted, 400 already" in imported(world, written(tmp_path, raw)).out


def test_the_same_rows_count_apart_for_each_target(world: World, tmp_path: Path) -> None:
    path = written(tmp_path, trace(10))
    for project in (world.research.slug, world.production.slug, None):
        assert "20 events accepted" in imported(world, path, project=project).out
    other = world.other_organization.slug
    assert "20 events accepted" in imported(world, path, organization=other, project=None).out
    assert_totals_are_the_records()


def test_json_lines_with_a_model_in_each_row(world: World, tmp_path: Path) -> None:
    rows: list[dict[str, object]] = [
        {"at": "2026-01-02T03:04:05.5Z", "used": 1000, "of": "deepseek-r1", "x": [1]},
        {"at": 1767323045, "used": "12.0", "of": ""},
    ]
    raw = "\n".join(map(json.dumps, rows)).encode()
    maps = {"timestamp": "at", "input_tokens": "used", "model": "of"}
    done = imported(world, written(tmp_path, raw, "rows.jsonl"), model=None, map=maps)
    assert "2 rows read, 2 events accepted" in done.out
    found = UsageRecord.objects.order_by("quantity").values_list(
        "series__model__name", "cost", "time"
    )
    time = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
    assert list(found) == [
        ("", 105_600, time.replace(minute=4)),
        ("deepseek-r1", 30_000_000, time.replace(microsecond=500_000)),
    ]


def test_times_are_read_in_the_zone_asked_for(world: World, tmp_path: Path) -> None:
    rows = [
        "2024-03-31 01:59:59,1,1",
        "2024-03-31 02:30:00,2,2",
        "2024-10-27 02:30:00,3,3",
        "2024-10-27 02:30:00+01:00,4,4",
        "2024-07-01,5,5",
    ]
    done = imported(world, written(tmp_path, rows), timezone="Europe/Berlin")
    assert "line 3: TIMESTAMP: '2024-03-31 02:30:00' does not exist in Europe/Berlin" in done.err
    found = UsageRecord.objects.filter(series__requests=1).order_by("quantity")
    assert [one.time.isoformat()[:16] for one in found] == [
        *("2024-03-31T00:59", "2024-10-27T00:30", "2024-10-27T01:30", "2024-06-30T22:00")
    ]


def test_a_wrong_time_zone_at_first_is_a_conflict_and_nothing_counts_twice(
    world: World, tmp_path: Path
) -> None:
    path = written(tmp_path, trace(5))
    imported(world, path)
    done = imported(world, path, timezone="Asia/Tokyo")
    assert (done.status, UsageRecord.objects.count()) == (1, 10)
    assert "is already stored with other content" in done.err


def test_a_dry_run_says_what_would_be_and_changes_nothing(world: World, tmp_path: Path) -> None:
    path = written(tmp_path, [*trace(10), "soon,1,1"])
    before = all_rows()
    done = imported(world, path, "--dry-run", model="another")
    assert "20 events would be accepted, 0 already imported, 1 rows would be rejected" in done.out
    assert all_rows() == before
    assert list(tmp_path.iterdir()) == [path]


def test_the_audit_log_says_once_that_usage_was_imported(world: World, tmp_path: Path) -> None:
    path = written(tmp_path, trace(BATCH + 10))
    for _ in range(2):
        imported(world, path)
    event = AuditEvent.objects.get(act="usage.imported")
    assert (event.organization, event.target_id) == (world.organization, world.research.public_id)
    assert event.actor_name == "bin/manage import_usage"
    assert event.values_after == {"file": "trace.csv", "product": "serverless-inference"}


def test_what_is_rejected_goes_to_a_file_and_can_come_in_later(
    world: World, tmp_path: Path
) -> None:
    rows = [*trace(10), "2019-12-31 23:59:59,1,1", "=cmd,1,1"]
    done = imported(world, written(tmp_path, rows))
    assert (done.status, done.error) == (1, "2 rows were rejected.")
    assert UsageRecord.objects.count() == 20
    kept = (tmp_path / "trace.csv.rejects.csv").read_text().splitlines()
    assert kept[0] == "line,reason,row"
    assert kept[1].startswith("12,input_tokens: time: input_tokens of serverless-inference has no")
    assert kept[2].endswith(',"\'=cmd,1,1"')
    repaired = [*rows[:-1], f"{timezone.now() - dt.timedelta(days=1):%Y-%m-%d},1,1"]
    again = imported(world, written(tmp_path, repaired))
    assert "2 events accepted, 20 already imported, 1 rows rejected" in again.out
    imported(world, written(tmp_path, rows[:10]))
    assert not (tmp_path / "trace.csv.rejects.csv").exists()


def test_a_quoted_cell_may_go_over_lines(world: World, tmp_path: Path) -> None:
    raw = f'{HEADER},Note\n2023-11-16 18:17:03,5,6,"one\ntwo, ""three"""\n2023-11-16 18:17:04,7,8,x'
    done = imported(world, written(tmp_path, raw.encode()))
    assert "2 rows read, 4 events accepted" in done.out
    assert sums() == {"input_tokens": 12, "output_tokens": 14}


def test_memory_does_not_grow_with_what_a_file_says(world: World) -> None:
    """Past its cache, what was counted is in a temporary file."""
    from usage.imports.mapping import CACHE_KIB, Occurrences

    occurrences = Occurrences()
    ((size,),) = occurrences.database.execute("PRAGMA cache_size")
    assert size == -CACHE_KIB
    ids = [occurrences.next_event_id("2023-11-16 18:17:03.5", "the same") for _ in range(3)]
    assert [one.split(":")[-1] for one in ids] == ["1", "2", "3"]
    assert all(one.startswith("2023-11-16T18:17:03:") for one in ids)


def test_a_cost_is_rounded_half_even_for_each_record(world: World, tmp_path: Path) -> None:
    """GB-hours cost 0.000137 USD: 0.00005 of them 68.5 × 10⁻¹⁰ USD, and 0.00015 of them 205.5 × 10⁻¹⁰."""
    rows = ["2023-11-16,0.00005,0", "2023-11-17,0.00015,0"]
    maps = {"timestamp": "TIMESTAMP", "gb_hours": "ContextTokens"}
    imported(world, written(tmp_path, rows), product="volumes", model=None, map=maps)
    found = DailyTotal.objects.sum_all()
    assert to_decimal(found.cost, COST_DIGITS) == Decimal("0.0000000274")
