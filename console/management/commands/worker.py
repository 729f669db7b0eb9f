"""Runs queued tasks and, every minute, `tend`."""

import threading
import time
from typing import Any

import structlog
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import close_old_connections

log = structlog.get_logger("worker")
SECONDS = 60.0


def tend_forever() -> None:
    while True:
        try:
            close_old_connections()
            call_command("tend")
        except Exception:
            log.exception("tending failed")
        time.sleep(SECONDS)


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        threading.Thread(target=tend_forever, daemon=True, name="tend").start()
        call_command("db_worker", queue_name="*", startup_delay=False, reload=False, verbosity=0)
