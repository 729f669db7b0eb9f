"""A stop of `bin/run` waits for what is under way, and nothing acknowledged is lost."""

import json
import signal
import socket
import sqlite3
import time
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.checks.source import ROOT
from tests.commands.checkout import finished, started
from tests.commands.console_process import Console, are_gone

# Longer than the usual five seconds after which process managers kill what they stop.
SECONDS = 6.0
ROWS = 4_000
IMPORT = (
    *("--organization", "northwind", "--project", "ml-research"),
    *("--product", "serverless-inference", "--model", "llama-3.3-70b"),
    *("--map", "timestamp=TIMESTAMP", "--map", "input_tokens=ContextTokens"),
)


def count_records(data_dir: Path, condition: str) -> int:
    with closing(sqlite3.connect(data_dir / "console.sqlite3")) as database:
        query = f"SELECT COUNT(*) FROM usage_usagerecord WHERE {condition}"
        return int(database.execute(query).fetchone()[0])


def usage_request(console: Console, event: str) -> bytes:
    data_dir = str(console.data_dir)
    secret = finished(ROOT, "manage", "create_service_credential", event, DATA_DIR=data_dir).stdout
    with closing(sqlite3.connect(console.data_dir / "console.sqlite3")) as database:
        query = "SELECT public_id FROM keys_apikey WHERE revoked_at IS NULL LIMIT 1"
        (key,) = database.execute(query).fetchone()
    record = {
        "id": event,
        "time": (datetime.now(UTC) - timedelta(hours=1)).isoformat(),
        "product": "serverless-inference",
        "line_item": "output_tokens",
        "quantity": "1",
        "unit": "token",
        "api_key_id": key,
        "dimensions": {"model": "llama-3.3-70b"},
    }
    body = json.dumps({"events": [record]}).encode()
    head = (
        "POST /v1/usage/events HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
        f"Authorization: Bearer {secret.strip()}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_request_under_way_is_answered(console: Console, number: int) -> None:
    family, event = console.family(), f"slow-{number}"
    request = usage_request(console, event)
    with socket.create_connection(("127.0.0.1", console.port), timeout=30) as client:
        client.sendall(request[:-10])
        time.sleep(1.0)
        console.signal_group(number)
        time.sleep(SECONDS)
        assert console.process.poll() is None
        client.sendall(request[-10:])
        answer = b"".join(iter(lambda: client.recv(65536), b""))
    assert answer.startswith(b"HTTP/1.1 200 OK\r\n")
    assert b'"accepted":1' in answer.replace(b" ", b"")
    assert console.process.wait(20) == 0
    assert are_gone(family)
    assert count_records(console.data_dir, f"event_id = '{event}'") == 1


def test_an_import_under_way_is_finished(console: Console, tmp_path: Path) -> None:
    file, begun = tmp_path / "trace.csv", datetime(2026, 1, 1, tzinfo=UTC)
    times = [begun + timedelta(seconds=second) for second in range(ROWS)]
    lines = [f"{moment:%Y-%m-%d %H:%M:%S},7" for moment in times]
    file.write_text("\n".join(["TIMESTAMP,ContextTokens", *lines]))
    before = count_records(console.data_dir, "1")
    words = ("manage", "import_usage", str(file), *IMPORT)
    process = started(ROOT, *words, DATA_DIR=str(console.data_dir))
    while count_records(console.data_dir, "1") == before:
        assert process.poll() is None
        time.sleep(0.02)
    console.process.send_signal(signal.SIGTERM)
    assert console.process.wait(20) == 0
    output, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert output.startswith(f"{ROWS:,} rows read")
    assert count_records(console.data_dir, "1") - before == ROWS
