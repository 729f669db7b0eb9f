"""What a worker may remember of the keys it verified, when the operator has set KEY_CACHE_SECONDS.

0, the default, is strict: nothing is kept. Otherwise revoking, expiry, a rotation's end, archiving and
suspension reach a worker that verified the key shortly before after at most so many seconds.
"""

import threading
import time
from typing import Generic, TypeVar

from django.conf import settings

Kept = TypeVar("Kept")


class Memory(Generic[Kept]):
    """Answers by HMAC, `size` at most; the oldest go first."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.entries: dict[bytes, tuple[float, Kept]] = {}
        self.lock = threading.Lock()

    def recall(self, mac: bytes) -> Kept | None:
        if not settings.KEY_CACHE_SECONDS:
            return None
        entry = self.entries.get(mac)
        return entry[1] if entry and entry[0] > time.monotonic() else None

    def keep(self, mac: bytes, answer: Kept) -> None:
        if not settings.KEY_CACHE_SECONDS:
            return
        with self.lock:
            self.entries.pop(mac, None)
            while len(self.entries) >= self.size:
                del self.entries[next(iter(self.entries))]
            self.entries[mac] = (time.monotonic() + settings.KEY_CACHE_SECONDS, answer)

    def forget(self) -> None:
        with self.lock:
            self.entries.clear()
