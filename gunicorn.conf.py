"""gunicorn's settings, read when it is started in this directory. Its command line overrides them."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from console.env_file import UnusableFile, read_environment
from console.operations.web_server import ServerLogger, WebWorker

ROOT = Path(__file__).resolve().parent


def read_variables() -> dict[str, str]:
    """Returns the environment with the environment file; a reload reads the file anew."""
    try:
        return {**read_environment(os.environ, ROOT / "data"), **os.environ}
    except UnusableFile as error:
        sys.exit(f"The console cannot start: {error}")


def on_starting(server: Any) -> None:
    """Refuses settings that cannot work, with one line.

    In a process of its own: if this one loaded the console, a reload would not load a new version.
    """
    if not os.environ.get("START_CHECKED"):
        check = [sys.executable, str(ROOT / "manage.py"), "check_start"]
        if subprocess.run(check, cwd=ROOT, check=False).returncode:  # noqa: S603  (fixed words)
            sys.exit(1)


def when_ready(server: Any) -> None:
    addresses = ", ".join(str(listener) for listener in server.LISTENERS)
    server.log.warning("serving at %s", addresses)


os.umask(0o077)  # its log is in the file of the console
variables = read_variables()
bind = f"127.0.0.1:{variables.get('PORT') or 8000}"
worker_class = WebWorker
workers = 2
threads = 4
graceful_timeout = 60
control_socket_disable = True
logger_class = ServerLogger
errorlog = variables.get("LOG_FILE") or "-"
loglevel = "warning"
# No peer may say by headers of its own where the console is, or that the request came by https. What the
# proxy says about that is read by the console, see TRUSTED_PROXIES.
forwarded_allow_ips = ""
forwarder_headers = ""
