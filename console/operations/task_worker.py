"""The worker of django-tasks-db, which waits for a lost database instead of ending."""

import time
from typing import Any

import structlog
from django.db import connections
from django.utils.crypto import get_random_string
from django_tasks_db.management.commands.db_worker import Worker

from console.operations.heartbeats import TASKS, Heartbeat
from console.operations.outages import UNAVAILABLE, describe_outage

log = structlog.get_logger("worker")
IDLE_SECONDS = 1.0


class TaskWorker(Worker):
    """Runs tasks of all queues, and says in a heartbeat that it is there."""

    def __init__(self) -> None:
        super().__init__(
            queue_names=["*"],
            interval=IDLE_SECONDS,
            batch=True,  # `run` returns when nothing is left to do
            backend_name="default",
            startup_delay=False,
            max_tasks=None,
            worker_id=get_random_string(32),
            excluded_queue_names=[],
        )
        self.heartbeat = Heartbeat(TASKS)
        self.is_waiting = False

    def run_until_stopped(self) -> None:
        """Runs tasks until a signal stops it. A lost database or cache is waited for."""
        while self.running:
            try:
                self.run()
                self.heartbeat.beat()
                self.log_recovery()
            except UNAVAILABLE as error:
                self.log_outage(error)
                connections.close_all()
            if self.running:
                time.sleep(IDLE_SECONDS)

    def run_task(self, db_task_result: Any) -> None:
        super().run_task(db_task_result)
        self.heartbeat.beat()

    def log_outage(self, error: Exception) -> None:
        if not self.is_waiting:
            log.warning("waiting for the database", reason=describe_outage(error))
        self.is_waiting = True

    def log_recovery(self) -> None:
        if self.is_waiting:
            log.info("the database is back")
        self.is_waiting = False
