"""The WSGI application. It refuses to load on a database that could lose committed rows."""

import gc
import os
import sys

import django
from django.core.exceptions import ImproperlyConfigured
from django.core.handlers.wsgi import WSGIHandler

from console.operations.database_watch import WATCH, WatchedHandler
from console.operations.logs import log_uncaught_exceptions, mask_server_logs

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "console.settings")
# gunicorn's status for an application that cannot be loaded: it ends instead of starting workers forever.
CANNOT_LOAD = 4


def load_application() -> WSGIHandler:
    try:
        django.setup(set_prefix=False)
        prepare_process()
        return WatchedHandler()
    except ImproperlyConfigured as error:
        # One line: a trace would bury which variable is wrong.
        print(f"The console cannot start: {error}", file=sys.stderr)  # noqa: T201
        sys.exit(CANNOT_LOAD)


def prepare_process() -> None:
    """Starts what a serving process needs beside the application."""
    # These need the app registry.
    from console.operations.durability import refuse_unsafe_database
    from keys.verification.last_used import WRITER

    WATCH.enable()
    refuse_unsafe_database()
    mask_server_logs()
    log_uncaught_exceptions()
    WRITER.enable()


application = load_application()
# Objects loaded so far stay as long as the process, so the garbage collector does not need to visit them.
gc.collect()
gc.freeze()
