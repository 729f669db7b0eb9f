"""Moves usage in the background. Stays here: a queued task is stored with the path of its function."""

import structlog
from django_tasks import task

from usage.models import Reattribution
from usage.reattribution.services.batches import move_on

log = structlog.get_logger("usage")
# Then others have their turn: mail must not wait for millions of records.
SECONDS = 5.0


@task()
def move_usage(move_pk: int) -> None:
    """Goes on with a re-attribution for a while, and asks for itself again until it is done."""
    move = move_on(move=Reattribution.objects.get(pk=move_pk), seconds=SECONDS)
    done, planned = move.steps
    log.info("usage moved", move=move.public_id, state=move.state, records=done, of=planned)
    if move.is_running:
        move_usage.enqueue(move_pk)
