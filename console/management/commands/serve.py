"""`serve`: prepares everything, then runs the web server and the background worker until told to stop."""

import http.client
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections

from console.management.commands.seed_demo import PASSWORD
from console.operations.preparation import prepare
from console.operations.processes import Children

HOST = "127.0.0.1"
READY_SECONDS = 60.0
SIGN_INS = {
    "owner@northwind.example": "Owner of Northwind Labs",
    "admin@northwind.example": "Admin of Northwind Labs",
    "member@northwind.example": "Member of Northwind Labs",
    "partner@contoso.example": "Owner of Contoso, external collaborator at Northwind",
    "stranger@fabrikam.example": "Owner of Fabrikam",
    "support@console.example": "support staff, at /admin/",
}


class Command(BaseCommand):
    help = "Serve the console on 127.0.0.1:$PORT with its background worker."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        stop = Stop()
        on_stop_signals(stop.hear)
        # console/bootstrap.py holds them back up to here.
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGINT, signal.SIGTERM})
        refuse_busy_port(settings.PORT)
        self.stdout.write("Preparing the console …")
        self.stdout.flush()
        with stop.heeded():
            prepare()
        connections.close_all()  # from here on only the children talk to the database
        children = Children()
        try:
            children.start("web server", web_server(settings.PORT), settings.BASE_DIR)
            children.start("background worker", background_worker(), settings.BASE_DIR)
            wait_until_ready(children, stop)
            self.stdout.write(welcome())
            self.stdout.flush()
            while not children.ended():
                stop.heed()
                time.sleep(0.5)
            raise CommandError(children.ended())
        finally:
            # A second Ctrl-C must not interrupt the orderly end, which is bounded anyway.
            on_stop_signals(signal.SIG_IGN)
            children.stop()


def on_stop_signals(handler: Callable[[int, FrameType | None], Any] | signal.Handlers) -> None:
    signals = [signal.SIGINT, signal.SIGTERM]
    if signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:  # nohup means to outlive the terminal
        signals.append(signal.SIGHUP)
    for number in signals:
        signal.signal(number, handler)


class Stop:
    """Whether we were told to stop. That is not an error.

    As an exception it also undoes a half-done migration. But Python drops an exception that it meets in
    a destructor or a callback of a weak reference (every import has one), so it is remembered as well.
    """

    def __init__(self) -> None:
        self.told = False
        sys.unraisablehook = self.dropped

    def dropped(self, what: "sys.UnraisableHookArgs") -> None:
        if not isinstance(what.exc_value, SystemExit):
            sys.__unraisablehook__(what)

    def hear(self, _number: int, _frame: FrameType | None) -> None:
        self.told = True
        raise SystemExit(0)

    def heed(self) -> None:
        """Ends us if we were told to and the exception was dropped."""
        if self.told:
            raise SystemExit(0)

    @contextmanager
    def heeded(self) -> Iterator[None]:
        """Heeds it after the block, also where the block fails.

        What is raised in a Python function that SQLite calls, sqlite3 replaces by an OperationalError.
        """
        try:
            yield
        except Exception:
            self.heed()
            raise
        self.heed()


def refuse_busy_port(port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen(1)
        except OSError as error:
            raise CommandError(
                f"{HOST}:{port} cannot be served on ({error.strerror}): "
                "stop what uses that port, or choose another with PORT=…"
            ) from error


def web_server(port: int) -> list[str]:
    """gunicorn with threads; requests are logged by the application, so there is no access log."""
    return [
        *(sys.executable, "-m", "gunicorn", "console.wsgi:application"),
        *("--bind", f"{HOST}:{port}", "--worker-class", "gthread", "--workers", "2"),
        *("--threads", "4", "--graceful-timeout", "8", "--log-level", "warning"),
        "--no-control-socket",
    ]


def background_worker() -> list[str]:
    return [sys.executable, "manage.py", "worker"]


def wait_until_ready(children: Children, stop: Stop) -> None:
    deadline = time.monotonic() + READY_SECONDS
    while not is_ready():
        stop.heed()
        if children.ended():
            raise CommandError(children.ended())
        if time.monotonic() > deadline:
            raise CommandError(f"/readyz did not say ready within {READY_SECONDS:.0f} seconds.")
        time.sleep(0.1)


def is_ready() -> bool:
    """Whether /readyz answers 200; asked by the host people use, since hosts are checked exactly."""
    request = http.client.HTTPConnection(HOST, settings.PORT, timeout=5)
    try:
        request.request("GET", "/readyz", headers={"Host": urlsplit(settings.BASE_URL).netloc})
        return request.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        request.close()


def welcome() -> str:
    if settings.DEMO:
        people = "\n".join(f"  {email:<27} {who}" for email, who in SIGN_INS.items())
        hint = (
            f"Sign in as one of these, password {PASSWORD}:\n{people}\n"
            f"Mail is kept in {settings.DATA_DIR / 'mail'}"
        )
    else:
        hint = (
            f"First support staff: bin/manage createsuperuser (signs in at {settings.BASE_URL}/admin/)\n"
            "First customer:      bin/manage create_organization NAME OWNER_EMAIL"
        )
    return f"\nThe console is ready: {settings.BASE_URL}/\n\n{hint}\n\nStop it with Ctrl-C."
