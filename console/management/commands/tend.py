"""Does the scheduled work that is due. Running it often or twice at once does no harm."""

from collections.abc import Callable
from typing import Any

import structlog
from django.core.management import call_command
from django.core.management.base import BaseCommand
from django.db import connections

from accounts.models.form_token import delete_old_form_tokens
from accounts.models.idempotency import delete_outdated_answers
from accounts.models.sessions import delete_expired_sessions, delete_past_sign_ins
from accounts.outbox import erase_failed_bodies, queue_overdue
from accounts.support.services.factor_resets import reset_due_factors
from accounts.support.services.viewing import end_expired_views
from console.operations.outages import UNAVAILABLE, describe_outage
from keys.limits import delete_old_windows
from keys.policy.services.reminders import send_expiry_reminders
from keys.policy.services.unused import revoke_unused_keys
from keys.terminals.services.sessions import delete_old_terminals
from projects.services.endings import end_accesses, remind_of_endings
from usage.budgets.blocks import delete_ended_blocks
from usage.budgets.forecasts import send_forecast_alerts
from usage.reattribution.services.lifecycle import enqueue_stalled

log = structlog.get_logger("tend")


def prune_tasks() -> int:
    """Deletes finished tasks after two weeks. Their effects are in the outbox and the audit log."""
    call_command("prune_db_task_results", queue_name="*", min_age_days=14, verbosity=0)
    return 0


# Each chore returns how many rows it handled.
CHORES: dict[str, Callable[[], int]] = {
    "mails asked for again": queue_overdue,
    "failed mails emptied": erase_failed_bodies,
    "views as a member ended": end_expired_views,
    "tasks forgotten": prune_tasks,
    "people reminded that access ends": remind_of_endings,
    "accesses ended": end_accesses,
    "unused keys revoked": revoke_unused_keys,
    "keys reminded of that expire": send_expiry_reminders,
    "terminals forgotten": delete_old_terminals,
    "ended blocks of budgets deleted": delete_ended_blocks,
    "budget forecasts sent": send_forecast_alerts,
    "moves of usage resumed": enqueue_stalled,
    "rate limits forgotten": delete_old_windows,
    "forms sent forgotten": delete_old_form_tokens,
    "stored answers forgotten": delete_outdated_answers,
    "second factors reset": reset_due_factors,
    "expired sessions deleted": delete_expired_sessions,
    "past sessions forgotten": delete_past_sign_ins,
}


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        for name, chore in CHORES.items():
            try:
                done = chore()
            except UNAVAILABLE as error:
                log.warning("chore put off", chore=name, reason=describe_outage(error))
                connections.close_all()
                continue
            except Exception:
                # A chore that fails must not prevent the others.
                log.exception("chore failed", chore=name)
                continue
            if done:
                log.info("tended", chore=name, number=done)
