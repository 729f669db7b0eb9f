"""gunicorn's worker and logger, as gunicorn.conf.py uses them. No Django here: the arbiter never loads it."""

import logging
import logging.handlers
import selectors
import socket
import time
from functools import partial
from typing import Any

from gunicorn.glogging import Logger
from gunicorn.workers.gthread import DEFAULT_WORKER_DATA_TIMEOUT, TConn, ThreadWorker

from console.operations.logs import create_formatter

HEALTH_CHECK = b"GET /healthz HTTP/1."
HEALTHY = (
    b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: 3\r\n"
    b"X-Content-Type-Options: nosniff\r\nCache-Control: no-store\r\nConnection: close\r\n\r\nok\n"
)


class WebWorker(ThreadWorker):
    """gunicorn's threaded worker, whose main thread answers `/healthz`.

    Its threads may all be waiting for the database, while the process itself is in order. The main thread
    only accepts connections, so it is free; a port of its own would be one more thing to configure. It
    looks at connections once they have data, so those that send nothing hold no thread either.
    """

    def accept(self, listener: socket.socket) -> None:
        if self.cfg.is_ssl:
            super().accept(listener)
            return
        try:
            client, address = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        self.nr_conns += 1
        connection = TConn(self.cfg, client, address, listener.getsockname())
        seconds = DEFAULT_WORKER_DATA_TIMEOUT + self.cfg.keepalive
        connection.timeout = time.monotonic() + seconds
        self.pending_conns.append(connection)
        callback = partial(self.on_pending_socket_readable, connection)
        self.poller.register(client, selectors.EVENT_READ, callback)

    def enqueue_req(self, conn: Any) -> None:
        if not self.cfg.is_ssl and answer_health_check(conn):
            self.nr_conns -= 1
            conn.close()
        else:
            super().enqueue_req(conn)


def answer_health_check(connection: Any) -> bool:
    """Answers the request that waits on the connection if it is for `/healthz`. Returns whether it was."""
    if connection.parser is not None and connection.parser.unreader.buf.getvalue():
        return False  # what waits is not the beginning of a request
    client = connection.sock
    try:
        start = client.recv(len(HEALTH_CHECK), socket.MSG_PEEK | socket.MSG_DONTWAIT)
        if start != HEALTH_CHECK:
            return False
        # Unread bytes would reset the connection when it is closed.
        client.recv(65_536, socket.MSG_DONTWAIT)
        client.send(HEALTHY)
        client.shutdown(socket.SHUT_WR)
    except OSError:
        return False
    return True


class ServerLogger(Logger):
    """Writes gunicorn's lines where the console's own are, in the same form."""

    def setup(self, cfg: Any) -> None:
        super().setup(cfg)
        for replaced in self.error_log.handlers:
            replaced.close()
        handler: logging.Handler = logging.StreamHandler()
        if cfg.errorlog != "-":
            handler = logging.handlers.WatchedFileHandler(cfg.errorlog, delay=True)
        handler.setFormatter(create_formatter())
        vars(handler)["_gunicorn"] = True  # so that a reload replaces it
        self.error_log.handlers = [handler]
