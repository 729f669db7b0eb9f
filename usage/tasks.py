"""Moves usage in the background. This module must not move: a queued task stores the path of its function."""

import structlog
from django_tasks import task

from usage.models import Reattribution
from usage.reattribution.services.batches import continue_move

log = structlog.get_logger("usage")
# After this other tasks get their turn: mail must not wait for millions of records.
SECONDS = 5.0


@task()
def move_usage(move_pk: int) -> None:
    """Continues a reattribution for a while and enqueues itself again until it is done."""
    move = continue_move(move=Reattribution.objects.get(pk=move_pk), seconds=SECONDS)
    done, planned = move.steps
    log.info("usage moved", move=move.public_id, state=move.state, records=done, of=planned)
    if move.is_running:
        move_usage.enqueue(move_pk)
