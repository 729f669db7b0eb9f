"""Runs queued tasks and, every minute, `tend`."""

import logging
import os
import threading
import time
from typing import Any

import structlog
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import close_old_connections

from console.operations.heartbeats import CHORES, Heartbeat
from console.operations.logs import log_uncaught_exceptions
from console.operations.startup import refuse_unusable_settings
from console.operations.task_worker import TaskWorker

log = structlog.get_logger("worker")
SECONDS = 60.0


def tend_forever() -> None:
    heartbeat = Heartbeat(CHORES)
    while True:
        try:
            close_old_connections()
            call_command("tend")
            heartbeat.beat()
        except Exception:
            log.exception("tending failed")
        time.sleep(SECONDS)


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        if not os.environ.get("START_CHECKED"):  # bin/run has just prepared everything
            refuse_unusable_settings()
        log_uncaught_exceptions()
        # One line for each task would drown the console's own.
        for name in ("django_tasks", "django_tasks_db"):
            logging.getLogger(name).setLevel(logging.CRITICAL)
        worker = TaskWorker()
        worker.configure_signals()
        log.info("worker started")
        threading.Thread(target=tend_forever, daemon=True, name="tend").start()
        worker.run_until_stopped()
