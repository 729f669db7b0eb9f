"""Starting again beside consoles that serve: nothing waits, nothing fails, and nothing is done."""

import json
import threading
import time
from collections import Counter
from datetime import UTC, datetime

import pytest

from tests.faults.console import Console
from tests.faults.postgres import Postgres

pytestmark = pytest.mark.postgresql
CLIENTS = 8
SEED = """
import json
import os
from accounts.actors import Actor
from accounts.models import User
from django.core.management import call_command
from keys.credentials.services import create_credential
from keys.api_keys.services import create_key
from projects.models import Project
actor = Actor.without_account("test")
project = Project.objects.get()
owner = Actor.of_user(User.objects.get())
issued = create_key(actor=owner, project=project, name="Load")
credential = create_credential(actor=actor, name="load").secret
with open(os.devnull, "w") as nowhere:
    call_command("import_catalogue", preset="inference-platform", stdout=nowhere)
print(json.dumps([credential, issued.secret, issued.key.public_id]))
"""


def send_forever(
    console: Console,
    number: int,
    seeded: list[str],
    seen: Counter[tuple[str, int]],
    over: threading.Event,
) -> None:
    """A gateway, a metering program and a browser, which write and read the same rows as the others."""
    credential, secret, key = seeded
    count = 0
    while not over.is_set():
        count += 1
        event = {
            "id": f"prepare-{number}-{count}",
            "time": datetime.now(UTC).isoformat(),
            "product": "code-interpreter",
            "line_item": "sessions",
            "quantity": "1",
            "unit": "session",
            "api_key_id": key,
        }
        for path, bearer, body in (
            ("/v1/usage/events", credential, {"events": [event]}),
            ("/v1/keys/verify", credential, {"key": secret}),
            ("/v1/projects", secret, None),
            ("/accounts/login/", "", None),
            ("/readyz", "", None),
        ):
            status, _ = console.fetch(path, bearer=bearer, body=body)
            seen[path, status] += 1


def test_eight_clients_notice_nothing(console: Console, postgres: Postgres, long_run: bool) -> None:
    console.manage("create_organization", "Acme", "owner@acme.example")
    seeded = json.loads(console.shell(SEED).splitlines()[-1])
    seen, over = Counter[tuple[str, int]](), threading.Event()
    with console.web(workers=2), console.worker():
        threads = [
            threading.Thread(target=send_forever, args=(console, number, seeded, seen, over))
            for number in range(CLIENTS)
        ]
        for thread in threads:
            thread.start()
        try:
            for _ in range(20 if long_run else 3):
                before = sum(seen.values())
                console.manage("prepare")
                assert sum(seen.values()) > before + CLIENTS
        finally:
            over.set()
            for thread in threads:
                thread.join()
    assert {status for _, status in seen} == {200}, seen
    [(deadlocks,)] = postgres.query(
        "SELECT deadlocks FROM pg_stat_database WHERE datname = 'console'"
    )
    assert deadlocks == 0
    [(stored,)] = postgres.query(
        "SELECT count(*) FROM usage_usagerecord WHERE event_id LIKE 'prepare-%'"
    )
    assert stored == seen["/v1/usage/events", 200]


def test_nothing_to_do_means_that_nothing_is_written(console: Console, postgres: Postgres) -> None:
    statement = (
        "SELECT sum(n_tup_ins + n_tup_upd + n_tup_del)::bigint FROM pg_stat_user_tables"
        " WHERE relname <> 'worker_heartbeats'"
    )
    triggers = "SELECT array_agg(oid ORDER BY oid)::text FROM pg_trigger WHERE NOT tgisinternal"
    time.sleep(1.5)  # statistics are written once a second
    before = postgres.query(statement), postgres.query(triggers)
    console.manage("prepare")
    time.sleep(1.5)
    assert (postgres.query(statement), postgres.query(triggers)) == before
