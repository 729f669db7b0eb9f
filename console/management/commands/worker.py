"""Runs queued tasks and, every minute, `tend`."""

import logging
import threading
import time
from typing import Any

import structlog
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import InterfaceError, OperationalError, close_old_connections, connections
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker

log = structlog.get_logger("worker")
SECONDS = 60.0
# How long the worker waits before it looks again for a database that was lost.
RETRY_SECONDS = 2.0


def tend_forever() -> None:
    while True:
        try:
            close_old_connections()
            call_command("tend")
        except Exception:
            log.exception("tending failed")
        time.sleep(SECONDS)


def run_until_stopped(worker: Worker) -> None:
    """Runs the worker until a signal stops it; a database that is lost on the way is waited for."""
    while worker.running:
        try:
            worker.run()
        except (OperationalError, InterfaceError) as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
            log.warning("database lost, waiting", reason=reason)
            connections.close_all()
            if worker.running:
                time.sleep(RETRY_SECONDS)


def create_worker() -> Worker:
    return Worker(
        queue_names=["*"],
        interval=1,
        batch=False,
        backend_name="default",
        startup_delay=False,
        max_tasks=None,
        worker_id=get_random_string(32),
        excluded_queue_names=[],
    )


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        threading.Thread(target=tend_forever, daemon=True, name="tend").start()
        # One line for each task would drown the console's own.
        for name in ("django_tasks", "django_tasks_db"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        worker = create_worker()
        worker.configure_signals()
        run_until_stopped(worker)
