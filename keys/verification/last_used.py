"""Updates `last_used_at` in batches, outside the requests that use a secret.

A worker collects the secrets that were used and writes them every few seconds, each at most once a minute.
Locked rows are left for the next time.
"""

import atexit
import datetime as dt
import threading
from typing import Any

import structlog
from django.db import DatabaseError, InterfaceError, close_old_connections, connections, transaction
from django.db.models import Q
from django.utils import timezone

from accounts.crypto.peppers import peppers
from keys.models import (
    AccessToken,
    AccountToken,
    AdminKey,
    KeySecret,
    PersonalToken,
    ServiceCredential,
)
from keys.models.hashed import HashedSecretQuerySet

log = structlog.get_logger("uses")
FLUSH_SECONDS = 5.0
STEP = dt.timedelta(minutes=1)
BATCH = 500


class Uses:
    """The uses of one table's secrets that are not written yet."""

    def __init__(self, secrets: Any) -> None:
        self.secrets: HashedSecretQuerySet = secrets
        self.pending: set[int] = set()
        self.moves: dict[int, bytes] = {}

    def record(self, pk: int, pepper_id: str, mac: bytes) -> None:
        """Records a use of a secret stored under `pepper_id`; `mac` is its digest under the present one."""
        self.pending.add(pk)
        if pepper_id != peppers()[0].id:
            self.moves[pk] = mac
        WRITER.wake()

    def flush(self) -> None:
        """Writes the recorded uses, and moves secrets to the present pepper.

        What cannot be written stays recorded.
        """
        pending, self.pending = self.pending, set()
        moves, self.moves = self.moves, {}
        try:
            ordered = sorted(pending)
            for start in range(0, len(ordered), BATCH):
                self.write(ordered[start : start + BATCH])
            for pk, mac in moves.items():
                self.secrets.filter(pk=pk).update(mac=mac, pepper_id=peppers()[0].id)
        except (DatabaseError, InterfaceError):
            self.pending |= pending
            self.moves = {**moves, **self.moves}
            raise

    @transaction.atomic  # without one PostgreSQL's rows cannot be locked
    def write(self, pks: list[int]) -> None:
        now = timezone.now()
        stale = Q(last_used_at__isnull=True) | Q(last_used_at__lte=now - STEP)
        due = self.secrets.filter(stale, pk__in=pks).order_by("pk")
        free = due.select_for_update(skip_locked=True, no_key=True).values("pk")
        self.secrets.filter(pk__in=free).update(last_used_at=now)


class Writer:
    """The thread that writes uses. Only serving processes have one, see `console/wsgi.py`.

    It starts with the first use, after the server has forked its workers.
    """

    def __init__(self) -> None:
        self.enabled = False
        self.used = threading.Event()
        self.thread: threading.Thread | None = None
        self.lock = threading.Lock()

    def enable(self) -> None:
        self.enabled = True
        atexit.register(flush_uses)

    def wake(self) -> None:
        if not self.enabled or self.used.is_set():
            return
        with self.lock:
            if self.thread is None:
                self.thread = threading.Thread(target=self.run, daemon=True, name="uses")
                self.thread.start()
        self.used.set()

    def run(self) -> None:
        pause = threading.Event()
        while True:
            self.used.wait()
            pause.wait(FLUSH_SECONDS)
            self.used.clear()
            close_old_connections()
            flush_uses()


KEY_USES = Uses(KeySecret.objects.all())
CREDENTIAL_USES = Uses(ServiceCredential.objects.all())
TOKEN_USES = Uses(AccessToken.objects.all())
PERSONAL_USES = Uses(PersonalToken.objects.all())
ADMIN_KEY_USES = Uses(AdminKey.objects.all())
ACCOUNT_TOKEN_USES = Uses(AccountToken.objects.all())
ALL_USES = (
    *(KEY_USES, CREDENTIAL_USES, TOKEN_USES),
    *(PERSONAL_USES, ADMIN_KEY_USES, ACCOUNT_TOKEN_USES),
)
WRITER = Writer()


def flush_uses() -> None:
    """Writes all uses recorded in this process; those that cannot be written now are tried again."""
    try:
        for uses in ALL_USES:
            uses.flush()
    except (DatabaseError, InterfaceError) as error:
        log.warning("uses not written", error=type(error).__name__)
        connections.close_all()
        WRITER.wake()
    except Exception:
        # Nothing may end the thread: keys in use would seem unused from then on, and be revoked.
        log.exception("uses not written")
