"""Ends requests that wait for a PostgreSQL that does not answer.

A server whose disk hangs, or whose machine is overloaded, keeps its connections open, so no timeout of its
own ends them, and no thread that waits in libpq can be interrupted. When a request takes long, a thread
of this process therefore tries to connect. If the server does not answer, the connections of waiting
requests are shut down, which their threads see as a lost connection (503), and new requests are answered
with 503 at once until the server is back.
"""

import os
import socket
import threading
import time
from typing import Any

import structlog
from django.core.handlers.wsgi import WSGIHandler
from django.db import DEFAULT_DB_ALIAS, connections
from django.http import HttpRequest
from django.http.response import HttpResponseBase

log = structlog.get_logger("database")
LOOK_SECONDS = 0.5
# A request that takes longer may be waiting for a server that does not answer.
SLOW_SECONDS = 2.0
# The least that libpq and psycopg accept.
PROBE_SECONDS = 2
# For serving processes only: migrations, reports by hand and the like may take longer. Operators override
# them in DATABASE_URL, as `?options=-c statement_timeout=…`.
SERVING_OPTIONS = (
    "-c statement_timeout=30s -c lock_timeout=10s -c idle_in_transaction_session_timeout=60s"
)


class DatabaseWatch:
    """The requests in progress of this process, and whether the server is frozen."""

    def __init__(self) -> None:
        self.is_enabled = self.is_frozen = False
        self.in_progress: dict[object, tuple[float, Any]] = {}
        self.thread: threading.Thread | None = None
        self.lock = threading.Lock()

    def enable(self) -> None:
        """Bounds how long this serving process waits; to be called before it connects."""
        connection = connections[DEFAULT_DB_ALIAS]
        if connection.vendor == "postgresql":
            self.is_enabled = True
            options = connection.settings_dict["OPTIONS"]
            options["options"] = f"{SERVING_OPTIONS} {options.get('options', '')}".strip()
            options["connect_timeout"] = min(int(options["connect_timeout"]), PROBE_SECONDS)

    def begin(self) -> object | None:
        """Returns the token of a request that begins, for `end`; None if requests are not watched."""
        if not self.is_enabled:
            return None
        token = object()
        self.in_progress[token] = (time.monotonic(), connections[DEFAULT_DB_ALIAS])
        if self.thread is None:
            self.start()
        return token

    def end(self, token: object | None, response: HttpResponseBase | None = None) -> None:
        """Ends the request, or lets it end when its streaming `response` does."""
        if token is not None and response is not None and response.streaming:
            close = response.close

            def close_and_end() -> None:
                try:
                    close()
                finally:
                    self.end(token)

            vars(response)["close"] = close_and_end
        elif token is not None:
            self.in_progress.pop(token, None)

    def start(self) -> None:
        """Starts the thread: with the first request, after the server has forked its workers."""
        with self.lock:
            if self.thread is None:
                self.thread = threading.Thread(target=self.run, daemon=True, name="watch")
                self.thread.start()

    def run(self) -> None:
        while True:
            time.sleep(LOOK_SECONDS)
            try:
                self.look()
            except Exception:
                log.exception("watching the database failed")

    def look(self) -> None:
        """Connects to the server if requests wait or it was frozen, and ends the requests if it is."""
        begun_before = time.monotonic() - SLOW_SECONDS
        waiting = [
            wrapper for begun, wrapper in list(self.in_progress.values()) if begun < begun_before
        ]
        if not (waiting or self.is_frozen):
            return
        was_frozen, self.is_frozen = self.is_frozen, not is_answering()
        if self.is_frozen != was_frozen:
            log.warning(
                "the database is frozen" if self.is_frozen else "the database answers again"
            )
        if self.is_frozen:
            for wrapper in waiting:
                shut_down(wrapper)


class WatchedHandler(WSGIHandler):
    """Watches requests while they last, those answered before all middleware included."""

    def get_response(self, request: HttpRequest) -> HttpResponseBase:
        token = WATCH.begin()
        response = None
        try:
            response = super().get_response(request)
        finally:
            WATCH.end(token, response)
        return response


def is_answering() -> bool:
    """Returns whether the server completes a new connection in time, or refuses it."""
    import psycopg  # not at the top: on SQLite nothing needs it

    parameters = connections[DEFAULT_DB_ALIAS].get_connection_params()
    parameters = {**parameters, "connect_timeout": PROBE_SECONDS}
    parameters.pop("cursor_factory", None)
    parameters.pop("context", None)
    try:
        psycopg.connect(**parameters).close()
    except psycopg.errors.ConnectionTimeout:
        return False
    except psycopg.OperationalError:
        return True
    return True


def shut_down(wrapper: Any) -> None:
    """Ends the network connection below `wrapper`, so that the thread that waits for it goes on."""
    driver = wrapper.connection
    if driver is None or driver.closed:
        return
    try:
        with socket.socket(fileno=os.dup(driver.pgconn.socket)) as duplicate:
            duplicate.shutdown(socket.SHUT_RDWR)
    except OSError:
        pass  # it has ended already


WATCH = DatabaseWatch()
