"""The gateways of deploy/gateways as processes: their very files, with other addresses."""

import os
import re
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from console.bootstrap import end_with_parent
from tests.checks.source import ROOT
from tests.gateways.sent import send
from tests.support.postgres import free_port
from tests.support.programs import CADDY, ENVOY, NGINX, TRAEFIK, Program

CONFIGURATIONS = ROOT / "deploy" / "gateways"
START_SECONDS = 20.0
# nginx takes our file as a part of its http block. Nobody but who runs it may write where the tests do.
NGINX_CONF = """
user root root;
daemon off; pid {0}/pid; error_log {0}/log; events {{ }}
http {{
    access_log off;
    client_body_temp_path {0}/body; proxy_temp_path {0}/proxy;
    fastcgi_temp_path {0}/fastcgi; uwsgi_temp_path {0}/uwsgi; scgi_temp_path {0}/scgi;
    include {0}/gateway.conf;
}}
"""


@dataclass(frozen=True)
class Kind:
    """A gateway: its program, its files (name there, name here), and how it is started in a directory."""

    program: Program
    files: dict[str, str]
    words: tuple[str, ...]


KINDS = {
    "nginx": Kind(NGINX, {"nginx.conf": "gateway.conf"}, ("-p", "{0}", "-c", "{0}/main.conf")),
    "caddy": Kind(
        CADDY,
        {"Caddyfile": "Caddyfile"},
        ("run", "--config", "{0}/Caddyfile", "--adapter", "caddyfile"),
    ),
    "traefik": Kind(
        TRAEFIK,
        {"traefik.yaml": "traefik.yaml", "traefik-routes.yaml": "traefik-routes.yaml"},
        ("--configfile={0}/traefik.yaml",),
    ),
    "envoy": Kind(
        ENVOY,
        {"envoy.yaml": "envoy.yaml"},
        ("-c", "{0}/envoy.yaml", "--use-dynamic-base-id", "--concurrency", "2", "-l", "warning"),
    ),
}


def placed(text: str, ports: dict[str, int]) -> str:
    """A configuration with the ports of this test in place of its own, on loopback only."""
    moved = re.sub(r"\b(8080|8081|8000|9000)\b", lambda found: str(ports[found[0]]), text)
    gate = ports["8080"]
    public = {
        f"listen {gate}": f"listen 127.0.0.1:{gate}",
        f"\n:{gate} {{": f"\n:{gate} {{\n\tbind 127.0.0.1",
        f'":{gate}"': f'"127.0.0.1:{gate}"',
        "address: 0.0.0.0": "address: 127.0.0.1",
    }
    for everywhere, loopback in public.items():
        moved = moved.replace(everywhere, loopback)
    return moved


@contextmanager
def running(kind: str, directory: Path, *, console: int, service: int) -> Iterator[int]:
    """The port of a gateway in front of the service on port `service` that asks the one on `console`."""
    chosen, gate = KINDS[kind], free_port()
    ports = {"8080": gate, "8081": free_port(), "8000": console, "9000": service}
    for source, target in chosen.files.items():
        text = (CONFIGURATIONS / source).read_text()
        (directory / target).write_text(placed(text, ports))
    if kind == "nginx":
        (directory / "main.conf").write_text(NGINX_CONF.format(directory))
    with started(chosen, directory, gate):
        yield gate


@contextmanager
def started(kind: Kind, directory: Path, port: int) -> Iterator[None]:
    """The program on the files that were put into the directory, which goes with it."""
    with (directory / "log").open("ab") as log:
        process = subprocess.Popen(
            [kind.program.required(), *(word.format(directory) for word in kind.words)],
            cwd=directory,
            env={"PATH": os.environ["PATH"], "HOME": str(directory)},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            preexec_fn=end_with_parent,  # noqa: PLW1509  (one system call)
        )
    try:
        wait_for(port, process, directory / "log")
        yield
    finally:
        process.terminate()
        process.wait(15)
        shutil.rmtree(directory)


def wait_for(gate: int, process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        try:
            if send(gate).status != 404:  # Traefik says that until it has read its routes
                return
        except OSError:
            pass
        time.sleep(0.02)
