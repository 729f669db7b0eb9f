"""A demo database of the version before comes through all migrations: rows, secrets, chains, tasks."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from tests.load.server import database_url
from tests.upgrade.installation import (
    Installation,
    fetch,
    previous_installation,
    previous_secrets,
)
from tests.upgrade.schema import parts, schema

pytestmark = pytest.mark.django_db
TASKS = "django_tasks_database_dbtaskresult"


@pytest.fixture(scope="module")
def upgraded(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    with previous_installation(tmp_path_factory.mktemp("upgrade")) as installation:
        console = installation.upgraded()
        console.migrate()
        yield console


def test_it_has_the_schema_of_a_new_database(upgraded: Installation) -> None:
    new = replace(upgraded, environment={"DATABASE_URL": database_url()})
    assert schema(upgraded) == schema(new)


def test_its_audit_chains_verify_and_its_totals_reconcile(upgraded: Installation) -> None:
    assert "head" in upgraded.manage("verify_audit")
    assert "difference 0" in upgraded.manage("reconcile")


def test_its_keys_verify(upgraded: Installation) -> None:
    secrets = previous_secrets()
    with upgraded.serving() as port:
        assert fetch(port, "GET", "/v1/auth", bearer=secrets["live"]) == 200
        assert fetch(port, "GET", "/v1/auth", bearer=secrets["revoked"]) == 401
        body = {"key": secrets["live"]}
        assert fetch(port, "POST", "/v1/keys/verify", body, secrets["credential"]) == 200


def test_its_waiting_tasks_are_done(upgraded: Installation) -> None:
    waiting = f"SELECT count(*) FROM {TASKS} WHERE status = 'READY'"
    failures = "SELECT count(*) FROM accounts_auditevent WHERE act = 'user.sign_in_failed'"
    [(before,)] = upgraded.query(failures)
    upgraded.manage("db_worker", "--queue-name=*", "--batch", "--no-startup-delay")
    assert upgraded.query(waiting) == [(0,)]
    assert upgraded.query(f"SELECT count(*) FROM {TASKS} WHERE status = 'FAILED'") == [(0,)]
    [(after,)] = upgraded.query(failures)
    assert after == before + 1


def test_a_database_between_two_versions_is_refused_in_one_line(tmp_path: Path) -> None:
    with previous_installation(tmp_path) as installation:
        installation.query("DELETE FROM django_migrations WHERE name = '0009_personal_tokens'")
        printed = installation.upgraded().prepare(fails=True)
    assert "too old for this version of the console" in printed
    assert printed.count("\n") == 1


def test_a_backup_restored_over_a_newer_version_is_refused_in_one_line(tmp_path: Path) -> None:
    with previous_installation(tmp_path) as installation:
        console = installation.upgraded()
        [(last,)] = installation.query("SELECT max(id) FROM django_migrations")
        console.migrate()
        installation.query(f"DELETE FROM django_migrations WHERE id > {last}")
        printed = console.prepare(fails=True)
    assert "parts of a newer version" in printed
    assert printed.count("\n") == 1


def test_a_new_column_or_constraint_would_be_noticed() -> None:
    table = "CREATE TABLE a (b integer, CONSTRAINT c CHECK (b IN (1, 2) AND d <> ',)'))"
    assert parts(table) == ["b integer", "CONSTRAINT c CHECK (b IN (1, 2) AND d <> ',)')"]
