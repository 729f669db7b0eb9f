"""Makes the ground the commands in bin/ stand on: .venv, DATA_DIR and the secrets file.

Only the standard library: this runs before anything is installed. It ends by becoming the
command itself (exec), so that the process a shell or supervisor started is the one that serves.
"""

import fcntl
import hashlib
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, MutableMapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NoReturn

ROOT = Path(__file__).resolve().parent.parent
RUNTIME_LOCK = "requirements.txt"
DEVELOPMENT_LOCK = "requirements-dev.txt"
SECRET_NAMES = ("SECRET_KEY", "PEPPER", "ENCRYPTION_KEY")
# A person adds it when they change the pepper.
FORMER_NAMES = ("PEPPER_PREVIOUS",)
# `serve` and `prepare` see to the database themselves.
PREPARING_COMMANDS = {"serve", "prepare"}


class Refusal(Exception):
    """Something the person at the keyboard has to change; its text is the one line they see."""


@contextmanager
def locked(directory: Path, mode: int = fcntl.LOCK_EX) -> Iterator[None]:
    """Holds a lock on `directory` itself, so that no lock file is left behind."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, mode)
        yield
    finally:
        os.close(descriptor)


# --- .venv ---------------------------------------------------------------------------------------
def wanted(root: Path, locks: list[str]) -> dict[str, str]:
    """What the marker of a finished .venv says: where it lies, its Python, the digests of the locks."""
    digests = {lock: hashlib.sha256((root / lock).read_bytes()).hexdigest() for lock in locks}
    return {"place": str(root), "python": f"{sys.version_info[0]}.{sys.version_info[1]}", **digests}


def installed(venv: Path) -> dict[str, str]:
    """The marker of a finished .venv; empty for a missing, half-made or damaged one."""
    try:
        marker = json.loads((venv / "installed.json").read_text())
    except (OSError, ValueError):
        return {}
    whole = isinstance(marker, dict) and (venv / "bin" / "python").exists()
    return marker if whole else {}


def ensure_venv(root: Path, locks: list[str]) -> Path:
    """The interpreter of a .venv that holds exactly what `locks` ask for, made or updated if need be."""
    venv, want = root / ".venv", wanted(root, locks)
    python = venv / "bin" / "python"
    if not want.items() <= installed(venv).items():
        try:
            with locked(root):  # a second command waits here, then finds everything done
                make_venv(venv, want, locks)
        except OSError as error:
            raise Refusal(f"cannot make {venv}: {error.strerror or error}.") from error
    return python


def make_venv(venv: Path, want: dict[str, str], locks: list[str]) -> None:
    have = installed(venv)
    if any(have.get(name) != want[name] for name in ("place", "python")):
        have, base = {}, os.path.realpath(sys.executable)
        if venv.exists():
            shutil.rmtree(venv)
        say(f"Making {venv} …")
        # Resolved, for we may be running in the very .venv that was just removed.
        run_or_refuse([base, "-m", "venv", str(venv)], f"Python could not make {venv}")
    # No marker while pip works: an interrupted installation must not look like a finished one.
    (venv / "installed.json").unlink(missing_ok=True)
    for lock in locks:
        if have.get(lock) != want[lock]:
            say(f"Installing {lock} …")
            run_or_refuse(
                pip_install(venv, lock), f"installing {lock} failed; the reason stands above"
            )
    write_marker(venv, {**have, **want})


def pip_install(venv: Path, lock: str) -> list[str]:
    pip = [str(venv / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "--no-input"]
    return [*pip, "install", "--quiet", "--require-hashes", "-r", str(venv.parent / lock)]


def write_marker(venv: Path, marker: dict[str, str]) -> None:
    half = venv / "installed.json.new"
    half.write_text(json.dumps(marker, indent=1))
    half.replace(venv / "installed.json")


# --- DATA_DIR and secrets --------------------------------------------------------------------------
def ensure_data_dir(data_dir: Path) -> None:
    """Makes `data_dir` for its owner alone (mode 700); Refusal when it cannot be written to."""
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=data_dir):
            pass
    except OSError as error:
        raise Refusal(
            f"DATA_DIR {data_dir} cannot be written to ({error.strerror}): "
            "give its owner the right, or name another with DATA_DIR=…"
        ) from error


def ensure_secrets(data_dir: Path) -> dict[str, str]:
    """The values of DATA_DIR/secrets.env, made once (mode 600).

    The file appears whole or not at all: it is written aside and linked to its name, and linking
    refuses an existing name, so that of two first starts at once both use the same values.
    """
    path = data_dir / "secrets.env"
    if not path.exists():
        descriptor, half = tempfile.mkstemp(dir=data_dir, prefix=".secrets-")  # O_EXCL, mode 600
        try:
            with os.fdopen(descriptor, "w") as file:
                file.writelines(f"{name}={secrets.token_urlsafe(48)}\n" for name in SECRET_NAMES)
                file.flush()
                os.fsync(file.fileno())
            os.link(half, path)
        except FileExistsError:
            pass
        finally:
            os.unlink(half)
    return read_secrets(path)


def read_secrets(path: Path) -> dict[str, str]:
    lines = [line.strip() for line in path.read_text().splitlines()]
    pairs = [line.split("=", 1) for line in lines if "=" in line and not line.startswith("#")]
    values = {name.strip(): value.strip() for name, value in pairs}
    missing = [name for name in SECRET_NAMES if not values.get(name)]
    if missing:
        raise Refusal(
            f"{path} has no {' and no '.join(missing)}: restore the file from a backup "
            "(a new value would make sessions, keys and links made with the old one useless)."
        )
    return {name: values[name] for name in (*SECRET_NAMES, *FORMER_NAMES) if name in values}


def fill_environment(environ: MutableMapping[str, str]) -> Path:
    """Gives `environ` what settings read; what the person set wins. Returns DATA_DIR, absolute."""
    port = environ.get("PORT") or "8000"
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        raise Refusal(f"PORT must be a number from 1 to 65535, not {port!r}.")
    data_dir = Path(environ.get("DATA_DIR") or ROOT / "data").absolute()
    ensure_data_dir(data_dir)
    defaults = {"PORT": port, "DEMO": "1", "BASE_URL": f"http://127.0.0.1:{port}"}
    if not all(environ.get(name) for name in SECRET_NAMES):
        defaults |= ensure_secrets(data_dir)
    for name, value in defaults.items():
        environ[name] = environ.get(name) or value
    environ["DATA_DIR"] = str(data_dir)
    return data_dir


# --- The three commands ------------------------------------------------------------------------------
def say(line: str) -> None:
    print(line, file=sys.stderr, flush=True)


def run_or_refuse(command: list[str], complaint: str) -> None:
    """Runs `command` with all its output on standard error: standard output is the caller's.

    It gets a process group of its own, so that being told to stop also ends what it started.
    """
    process = subprocess.Popen(
        command, stdout=sys.stderr, stdin=subprocess.DEVNULL, process_group=0
    )
    try:
        status = process.wait()
    except BaseException:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    if status:
        raise Refusal(f"{complaint}.")


def become(command: list[str]) -> NoReturn:
    sys.stdout.flush()
    sys.stderr.flush()
    os.execv(command[0], command)


def is_prepared(data_dir: Path) -> bool:
    """Whether the database surely exists; for others than the SQLite file only asking them tells."""
    if os.environ.get("DATABASE_URL"):
        return False
    with locked(data_dir, fcntl.LOCK_SH):  # a bin/run that is preparing it right now comes first
        return (data_dir / "console.sqlite3").exists()


def run(arguments: list[str]) -> None:
    python = str(ensure_venv(ROOT, [RUNTIME_LOCK]))
    fill_environment(os.environ)
    # Held back until `serve` has its handlers, so that Ctrl-C is clean in the first second too.
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGTERM})
    become([python, str(ROOT / "manage.py"), "serve", *arguments])


def manage(arguments: list[str]) -> None:
    python, script = str(ensure_venv(ROOT, [RUNTIME_LOCK])), str(ROOT / "manage.py")
    data_dir = fill_environment(os.environ)
    if not PREPARING_COMMANDS.intersection(arguments[:1]) and not is_prepared(data_dir):
        prepare = [python, script, "prepare", "--if-fresh"]
        run_or_refuse(prepare, "the database could not be prepared; the reason stands above")
    become([python, script, *arguments])


def test(arguments: list[str]) -> None:
    python = str(ensure_venv(ROOT, [RUNTIME_LOCK, DEVELOPMENT_LOCK]))
    os.chdir(ROOT)
    become([python, "-m", "tests.support.steps", *arguments])


def main(arguments: list[str]) -> int:
    commands = {"run": run, "manage": manage, "test": test}
    # As an exception, so that a running pip is ended too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    try:
        commands[arguments[0]](arguments[1:])
    except Refusal as refusal:
        say(f"bin/{arguments[0]}: {refusal}")
    except KeyboardInterrupt:
        return 130
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
