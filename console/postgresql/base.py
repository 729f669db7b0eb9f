"""Django's backend for PostgreSQL, which notices lost connections without a query.

A restart of the server or a failover leaves every thread with a lost connection. With `CONN_HEALTH_CHECKS`,
Django checks the connection before the first query of each request, by default with a query.
"""

import select
from typing import Any

import psycopg
from django.db import OperationalError
from django.db.backends.postgresql import base

from console.operations.database_watch import WATCH


class DatabaseWrapper(base.DatabaseWrapper):
    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """Raises OperationalError at once while the server is known to be frozen."""
        if WATCH.is_frozen:
            raise OperationalError("the server accepts connections but does not answer")
        return super().get_new_connection(conn_params)

    def is_usable(self) -> bool:
        driver = self.connection
        return driver is not None and not WATCH.is_frozen and is_open(driver)


def is_open(driver: "psycopg.Connection[Any]") -> bool:
    """Returns False if the server ended the idle connection: it then sent a last message, or closed it."""
    if driver.closed:
        return False
    poll = select.poll()
    poll.register(driver.pgconn.socket, select.POLLIN)
    return not poll.poll(0)
