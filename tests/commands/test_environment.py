"""DATA_DIR, the secrets file and the variables that settings read."""

import multiprocessing
import os
import stat
from pathlib import Path

import pytest

from console.bootstrap import SECRET_NAMES, create_secrets, fill_environment


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_first_start_makes_directory_and_secrets_for_the_owner_alone(tmp_path: Path) -> None:
    environ = {"DATA_DIR": str(tmp_path / "deep" / "data")}
    data_dir = fill_environment(environ)
    assert mode(data_dir) == 0o700
    assert mode(data_dir / "secrets.env") == 0o600
    assert [path.name for path in data_dir.iterdir()] == ["secrets.env"]
    pairs = [line.split("=") for line in (data_dir / "secrets.env").read_text().splitlines()]
    assert [name for name, _ in pairs] == list(SECRET_NAMES)
    assert [len(value) for _, value in pairs] == [64, 64, 64]
    assert len({value for _, value in pairs}) == 3


def test_a_second_start_keeps_what_the_first_one_made(tmp_path: Path) -> None:
    create_secrets(tmp_path)
    written = (tmp_path / "secrets.env").read_bytes()
    create_secrets(tmp_path)
    assert (tmp_path / "secrets.env").read_bytes() == written


def read_after_creation(data_dir: Path) -> bytes:
    create_secrets(data_dir)
    return (data_dir / "secrets.env").read_bytes()


def test_starts_at_once_agree_on_one_file(tmp_path: Path) -> None:
    with multiprocessing.get_context("spawn").Pool(4) as pool:
        contents = pool.map(read_after_creation, [tmp_path] * 40, chunksize=1)
    assert len(set(contents)) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["secrets.env"]


def test_a_value_in_the_environment_wins(tmp_path: Path) -> None:
    environ = {
        "DATA_DIR": str(tmp_path),
        "PEPPER": "mine",
        "DEMO": "0",
        "BASE_URL": "https://a.example",
    }
    fill_environment(environ)
    assert environ["PEPPER"] == "mine"
    assert environ["DEMO"] == "0"
    assert "LOG_FILE" not in environ
    assert environ["BASE_URL"] == "https://a.example"


def test_no_file_is_made_when_the_environment_has_all_secrets(tmp_path: Path) -> None:
    fill_environment({"DATA_DIR": str(tmp_path), **dict.fromkeys(SECRET_NAMES, "mine")})
    assert list(tmp_path.iterdir()) == []


def test_a_relative_data_dir_counts_from_the_current_directory(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    environ = {"DATA_DIR": "here"}
    fill_environment(environ)
    assert environ["DATA_DIR"] == str(tmp_path / "here")


def test_a_data_dir_that_cannot_be_written_to_is_refused(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    # A file in the way, since rights do not bind root; /proc refuses even that one.
    for place in (tmp_path / "taken", tmp_path / "taken" / "below", Path("/proc/data")):
        with pytest.raises(SystemExit, match="cannot be written to"):
            fill_environment({"DATA_DIR": str(place)})


@pytest.mark.parametrize("port", ["abc", "0", "65536", "-1", "80 ", "٨٠"])
def test_a_port_that_is_none_is_refused(tmp_path: Path, port: str) -> None:
    with pytest.raises(SystemExit, match="PORT must be a number"):
        fill_environment({"DATA_DIR": str(tmp_path), "PORT": port})


def test_the_defaults_are_a_demo_on_loopback(tmp_path: Path) -> None:
    environ = {"DATA_DIR": str(tmp_path), "PORT": "9000"}
    fill_environment(environ)
    assert environ["DEMO"] == "1"
    assert environ["LOG_FILE"] == str(tmp_path / "console.log")
    assert environ["BASE_URL"] == "http://localhost:9000"
    assert os.path.isabs(environ["DATA_DIR"])
