"""Commands on data: none of them takes a forgotten environment for a console in which all is well."""

import shutil
from pathlib import Path

import pytest

from console.demo.sign_ins import SIGN_INS
from console.operations.entry import OWN_APPS, WITHOUT_DATA
from tests.checks.source import ROOT
from tests.commands.checkout import finished
from tests.support.postgres import free_port

# Each reads what is in the database, so that on an empty one "nothing found" would mean nothing.
READING = {
    *("access_on", "import_usage", "peppers", "reattribute", "reconcile", "tend", "verify_audit"),
    *("create_admin_key", "reset_second_factors", "worker"),
}


def own_commands() -> set[str]:
    folders = [ROOT / app / "management" / "commands" for app in OWN_APPS]
    return {path.stem for folder in folders for path in folder.glob("[a-z]*.py")}


def test_every_command_reads_data_or_makes_it() -> None:
    assert own_commands() == READING | WITHOUT_DATA


@pytest.mark.parametrize("words", [("reconcile",), ("verify_audit",), ("worker",)])
def test_a_forgotten_environment_is_a_failure(tmp_path: Path, words: tuple[str, ...]) -> None:
    ended = finished(ROOT, "manage", *words, DATA_DIR=str(tmp_path / "data"))
    assert ended.returncode == 1
    assert ended.stdout == ""
    assert ended.stderr.count("\n") == 1
    assert "There is no console database" in ended.stderr
    assert "ENV_FILE" in ended.stderr
    assert not list((tmp_path / "data").glob("*.sqlite3"))


@pytest.fixture(scope="module")
def with_customers(first_start: "object", tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A console with a customer, whose environment said DEMO=0."""
    data_dir = tmp_path_factory.mktemp("customers") / "data"
    shutil.copytree(first_start.data_dir, data_dir)
    for name in ("console.sqlite3", "cache.sqlite3"):
        for path in data_dir.glob(f"{name}*"):
            path.unlink()
    words = ("create_organization", "Acme", "owner@acme.example")
    ended = finished(ROOT, "manage", *words, DATA_DIR=str(data_dir), DEMO="0")
    assert ended.returncode == 0, ended.stderr
    return data_dir


@pytest.mark.parametrize("words", [("run",), ("manage", "reconcile"), ("manage", "seed_demo")])
def test_customers_are_never_made_a_demo(with_customers: Path, words: tuple[str, ...]) -> None:
    environment = {"DATA_DIR": str(with_customers), "PORT": str(free_port())}
    ended = finished(ROOT, *words, **environment)
    assert ended.returncode == 1, ended.stdout
    assert ended.stderr.count("\n") == 1
    assert "DEMO is not set" in ended.stderr


def test_the_environment_file_says_what_cron_does_not(with_customers: Path, tmp_path: Path) -> None:
    file = tmp_path / "console.env"
    file.write_text(f"DEMO=0\nDATA_DIR={with_customers}\n")
    ended = finished(ROOT, "manage", "reconcile", ENV_FILE=str(file))
    assert ended.returncode == 0, ended.stderr
    shutil.copy(file, with_customers / "console.env")
    counting = (
        "from accounts.models import User; print(*User.objects.values_list('email', flat=True))"
    )
    words = ("manage", "shell", "--no-imports", "-c", counting)
    ended = finished(ROOT, *words, DATA_DIR=str(with_customers))
    assert ended.stdout == "owner@acme.example\n"
    assert not set(ended.stdout.split()) & SIGN_INS.keys()
