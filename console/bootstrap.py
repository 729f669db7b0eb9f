"""The commands in bin/: they install .venv, create DATA_DIR and the secrets, then run, manage or test.

Only the standard library, since this runs before anything is installed. `SystemExit` with a sentence
is a refusal: Python prints it on standard error and exits with 1.
"""

import ctypes
import fcntl
import http.client
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Collection, Iterator, MutableMapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from console.env_file import UnusableFile, read_environment  # noqa: E402

MANAGE = str(ROOT / "manage.py")
HOST = "127.0.0.1"
SECRET_NAMES = ("SECRET_KEY", "PEPPER", "ENCRYPTION_KEY")
# For how long a stop waits for requests and tasks under way.
GRACE_SECONDS = 60
PR_SET_PDEATHSIG = 1


# --- Processes -----------------------------------------------------------------------------------
def end_with_parent() -> None:
    """Runs in a child, so that Linux ends it as well when its parent is killed outright."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


def start_process(command: list[str], **options: Any) -> subprocess.Popen[bytes]:
    """Starts the command in a session of its own: Ctrl-C reaches only this process, which stops it.

    docs/decisions/0024-bin-run-supervises-its-processes.md says why there is no other supervisor.
    """
    stdin, preexec_fn = subprocess.DEVNULL, end_with_parent
    return subprocess.Popen(
        command, cwd=ROOT, stdin=stdin, start_new_session=True, preexec_fn=preexec_fn, **options
    )


def stop_processes(processes: Collection[subprocess.Popen[bytes]]) -> None:
    """Lets them finish what is under way, then kills what is left of their sessions."""
    for process in processes:
        process.terminate()
    deadline = time.monotonic() + GRACE_SECONDS + 5
    for process in processes:
        with suppress(subprocess.TimeoutExpired):
            process.wait(max(0.0, deadline - time.monotonic()))
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def run_step(command: list[str], refusal: str | None = None) -> None:
    """Runs the command to its end; SystemExit when it fails, without a word when it explains itself.

    Its output goes to standard error, since standard output belongs to what bin/manage runs.
    """
    process = start_process(command, stdout=sys.stderr)
    try:
        if process.wait() != 0:
            sys.exit(refusal or 1)
    finally:
        stop_processes([process])


@contextmanager
def hold_lock(directory: Path, mode: int = fcntl.LOCK_EX) -> Iterator[None]:
    """Holds a lock on the directory itself, so that no lock file is left behind."""
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        fcntl.flock(descriptor, mode)
        yield
    finally:
        os.close(descriptor)


# --- What the commands need ----------------------------------------------------------------------
def install(*requirements: str) -> str:
    """Creates .venv, or brings it up to these lock files. Returns the path of its Python."""
    venv, python = ROOT / ".venv", ROOT / ".venv" / "bin" / "python"
    origin = f"{ROOT} {sys.version_info[0]}.{sys.version_info[1]}"
    with hold_lock(ROOT):  # a second command waits here, then finds everything installed
        if read_text(venv / "origin") != origin or not python.exists():
            print(f"Creating {venv} …", file=sys.stderr, flush=True)
            base = os.path.realpath(
                sys.executable
            )  # this may run in the very .venv that is cleared
            create = [base, "-m", "venv", "--clear", str(venv)]
            run_step(create, f"Cannot create {venv}; the reason is above.")
            (venv / "origin").write_text(origin)
        pip = [str(python), "-m", "pip", "--disable-pip-version-check", "--no-input", "install"]
        for name in requirements:
            installed = venv / name  # a copy, written once everything in it is installed
            if read_text(installed) != read_text(ROOT / name):
                print(f"Installing {name} …", file=sys.stderr, flush=True)
                run_step(
                    [*pip, "-qq", "--require-hashes", "-r", name],
                    f"Cannot install {name}; the reason is above.",
                )
                shutil.copyfile(ROOT / name, installed)
    return str(python)


def read_text(path: Path) -> str | None:
    return path.read_text() if path.is_file() else None


def add_environment_file(environ: MutableMapping[str, str]) -> None:
    """Adds the variables of the environment file that are not set."""
    try:
        variables = read_environment(environ, ROOT / "data")
    except UnusableFile as error:
        sys.exit(f"The console cannot start: {error}")
    for name, value in variables.items():
        environ.setdefault(name, value)


def fill_environment(environ: MutableMapping[str, str]) -> Path:
    """Adds what the settings need and neither the person nor the environment file has set.

    Returns DATA_DIR, which it creates.
    """
    add_environment_file(environ)
    port = environ.get("PORT") or "8000"
    if not (port.isascii() and port.isdigit() and 0 < int(port) < 65536):
        sys.exit(f"PORT must be a number from 1 to 65535, not {port!r}.")
    data_dir = Path(environ.get("DATA_DIR") or ROOT / "data").absolute()
    if not environ.get("DEMO"):
        environ["DEMO_ASSUMED"] = (
            "1"  # refused where there are customers, see console/operations/entry.py
        )
    defaults = {"PORT": port, "DEMO": "1", "BASE_URL": f"http://localhost:{port}"}
    for name, value in defaults.items():
        environ[name] = environ.get(name) or value
    environ["DATA_DIR"] = str(data_dir)
    if environ["DEMO"] == "1":
        environ.setdefault("LOG_FILE", str(data_dir / "console.log"))
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not all(environ.get(name) for name in SECRET_NAMES):
            create_secrets(data_dir)
        with tempfile.TemporaryFile(dir=data_dir):
            return data_dir
    except OSError as error:
        reason = f"DATA_DIR {data_dir} cannot be written to ({error.strerror})"
        sys.exit(f"{reason}: change its owner or mode, or set DATA_DIR to another directory.")


def create_secrets(data_dir: Path) -> None:
    """Creates DATA_DIR/secrets.env with mode 600, unless it exists; the settings read it.

    It appears whole or not at all, and a link never replaces a file: two first starts at once agree.
    """
    path = data_dir / "secrets.env"
    if path.exists():
        return
    with tempfile.NamedTemporaryFile("w", dir=data_dir, prefix=".secrets-") as file:
        file.writelines(f"{name}={secrets.token_urlsafe(48)}\n" for name in SECRET_NAMES)
        file.flush()
        os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(file.name, path)


# --- bin/run -------------------------------------------------------------------------------------
def run(*arguments: str) -> None:
    if arguments:
        sys.exit("bin/run takes no arguments; docs/operating.md lists the variables it reads.")
    python = install("requirements.txt")
    fill_environment(os.environ)
    listener = bind_port(int(os.environ["PORT"]))
    print("Preparing the console …", flush=True)
    run_step([python, MANAGE, "prepare", "--for-run"])
    os.environ["START_CHECKED"] = "1"
    serve(python, listener)


def bind_port(port: int) -> socket.socket:
    """Returns a socket that holds the port. gunicorn listens on it once everything is prepared."""
    listener = socket.socket()
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((HOST, port))
    except OSError as error:
        sys.exit(
            f"Cannot serve on {HOST}:{port} ({error.strerror}): stop what uses that port, "
            "or set PORT=… to another."
        )
    return listener


def serve(python: str, listener: socket.socket) -> NoReturn:
    """Runs the web server and the background worker until one of them ends, or a signal ends them all."""
    web = [
        *(python, "-m", "gunicorn", "console.wsgi", "--bind", f"fd://{listener.fileno()}"),
        *("--graceful-timeout", str(GRACE_SECONDS)),  # the rest is in gunicorn.conf.py
    ]
    is_ready, processes = False, {}
    try:
        processes["web server"] = start_process(web, pass_fds=[listener.fileno()])
        processes["background worker"] = start_process([python, MANAGE, "worker"])
        listener.close()
        while True:
            for name, process in processes.items():
                if process.poll() is not None:
                    sys.exit(f"The {name} ended by itself ({describe_status(process.returncode)}).")
            if not is_ready and is_answering(int(os.environ["PORT"])):
                is_ready = True
                print(f"\nThe console is ready: {os.environ['BASE_URL']}/", flush=True)
                print("Stop it with Ctrl-C.", flush=True)
            time.sleep(0.2)
    finally:
        stop_processes(processes.values())


def is_answering(port: int) -> bool:
    connection = http.client.HTTPConnection(HOST, port, timeout=5)
    try:
        connection.request("GET", "/healthz")
        return connection.getresponse().status < 500
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()


def describe_status(status: int) -> str:
    return f"exit status {status}" if status >= 0 else f"signal {signal.Signals(-status).name}"


# --- bin/manage and bin/test ---------------------------------------------------------------------
def manage(*arguments: str) -> None:
    python, data_dir = install("requirements.txt"), fill_environment(os.environ)
    with hold_lock(data_dir, fcntl.LOCK_SH):
        pass  # a bin/run that is preparing the database comes first
    os.environ["PREPARE_IF_FRESH"] = "1"
    os.execv(python, [python, MANAGE, *arguments])


def test(*arguments: str) -> None:
    python = install("requirements.txt", "requirements-dev.txt")
    os.chdir(ROOT)
    os.execv(python, [python, "-m", "tests.support.steps", *arguments])


def stop(number: int, _frame: object) -> NoReturn:
    """Ends everything; a second signal must not interrupt the orderly end, which is bounded anyway."""
    for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, signal.SIG_IGN)
    sys.exit(0 if sys.argv[1] == "run" else 128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGINT, stop)
    signal.signal(signal.SIGTERM, stop)
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup means to outlive the terminal
        signal.signal(signal.SIGHUP, stop)
    {"run": run, "manage": manage, "test": test}[sys.argv[1]](*sys.argv[2:])
